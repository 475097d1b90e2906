import NIOCore

/// A checksum of a stream of bytes, however it is cut: FNV-1a over words of eight bytes, so that it is quick in a debug build.
///
/// It finds lost, doubled, swapped and altered bytes; it is no protection against somebody who wants to deceive.
struct Digest: Hashable, CustomStringConvertible {
    private(set) var byteCount = 0
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    /// The bytes that do not fill a word yet, in its low end.
    private var rest: UInt64 = 0

    mutating func update(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { update($0) }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        let shift = UInt64(byteCount & 7) * 8
        var hash = self.hash
        var rest = self.rest
        let wholeEnd = bytes.count - bytes.count % 8
        if shift == 0 {
            while offset < wholeEnd {
                hash = Self.mix(
                    hash,
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                )
                offset += 8
            }
        } else {
            while offset < wholeEnd {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                hash = Self.mix(hash, rest | word << shift)
                rest = word >> (64 - shift)
                offset += 8
            }
        }
        byteCount += offset
        self.hash = hash
        self.rest = rest
        while offset < bytes.count {
            add(bytes[offset])
            offset += 1
        }
    }

    private mutating func add(_ byte: UInt8) {
        rest |= UInt64(byte) << (UInt64(byteCount & 7) * 8)
        byteCount += 1
        guard byteCount & 7 == 0 else { return }
        hash = Self.mix(hash, rest)
        rest = 0
    }

    /// The checksum of everything so far, as 16 hexadecimal digits.
    var description: String {
        let value = Self.mix(Self.mix(hash, rest), UInt64(byteCount))
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0x0000_0100_0000_01B3
        // The plain product would leave the low bits without the high ones.
        return product ^ (product >> 29)
    }
}
