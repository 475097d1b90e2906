public import NIOCore
public import Penstock

extension ByteBuffer: ByteChunk {
    /// The readable bytes plus `entryOverhead`.
    public var weight: Int { readableBytes + entryOverhead }

    /// Whether there is a byte to read.
    public var hasContent: Bool { readableBytes > 0 }

    /// The readable bytes.
    public var byteCount: Int { readableBytes }

    /// The offset of the first byte with this value at or after an offset.
    public func firstOffset(of byte: UInt8, from offset: Int) -> Int? {
        withUnsafeReadableBytes { bytes in
            bytes[offset...].firstIndex(of: byte)
        }
    }

    /// The byte at an offset.
    public func byte(at offset: Int) -> UInt8 {
        withUnsafeReadableBytes { $0[offset] }
    }

    /// Cuts off the first bytes and answers them, sharing the storage.
    ///
    /// - Precondition: There are that many.
    public mutating func removePrefix(_ count: Int) -> ByteBuffer {
        guard let prefix = readSlice(length: count) else {
            preconditionFailure("cannot cut \(count) of \(readableBytes) bytes off")
        }
        return prefix
    }

    /// Copies bytes to the end; what was cut off is let go first, or the storage would grow with all that ever went through.
    public mutating func append(_ other: ByteBuffer) {
        discardReadBytes()
        writeImmutableBuffer(other)
    }
}
