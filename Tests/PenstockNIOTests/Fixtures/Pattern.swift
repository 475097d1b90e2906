import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An endless run of bytes that tells at once whether something is missing, doubled or out of order.
///
/// Its period is a prime that no buffer size divides, and it is filled and compared in blocks, not byte by byte.
enum Pattern {
    private static let period = 65_521

    /// Two periods, so that a whole one begins at every offset below the first.
    private static let block: [UInt8] = {
        var state: UInt32 = 0x9E37_79B9
        let one = (0..<period).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        return one + one
    }()

    /// The bytes at this offset.
    static func bytes(_ count: Int, from offset: Int = 0) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var position = offset
        while position < offset + count {
            let start = position % period
            let length = min(period, offset + count - position)
            block.withUnsafeBytes {
                _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: $0[start..<start + length]))
            }
            position += length
        }
        return buffer
    }

    /// The bytes in chunks, as elements to write.
    static func chunks(_ count: Int, of size: Int) -> [ByteBuffer] {
        stride(from: 0, to: count, by: size).map { bytes(min(size, count - $0), from: $0) }
    }

    /// Whether these are the bytes at this offset.
    static func matches(_ bytes: UnsafeRawBufferPointer, from offset: Int) -> Bool {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let start = (offset + done) % period
            let length = min(period, bytes.count - done)
            let same = block.withUnsafeBytes { block in
                block.baseAddress.map { memcmp(base + done, $0 + start, length) == 0 } ?? false
            }
            guard same else { return false }
            done += length
        }
        return true
    }

    /// Whether these are the bytes at this offset.
    static func matches(_ buffer: ByteBuffer, from offset: Int) -> Bool {
        buffer.withUnsafeReadableBytes { matches($0, from: offset) }
    }
}
