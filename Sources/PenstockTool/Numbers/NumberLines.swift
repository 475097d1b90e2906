import NIOCore

/// An endless supply of random integers from 0 to 9999, each with CR LF behind it.
struct NumberLines {
    /// The most bytes a line has.
    static let longest = 6

    /// Each line in the low bytes of a word, in the order of the bytes, and its length in the highest byte: copying a word is
    /// much faster than printing a number.
    private static let words: [UInt64] = (0..<10_000).map { number in
        let text = Array("\(number)\r\n".utf8)
        let word = text.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return word | UInt64(text.count) << 56
    }

    private var state: UInt64

    init(seed: UInt64 = .random(in: .min ... .max)) {
        state = seed
    }

    /// The next lines, in one buffer.
    mutating func next(_ count: Int) -> ByteBuffer {
        // The last word is written whole.
        let capacity = count * Self.longest + 8
        var buffer = ByteBufferAllocator().buffer(capacity: capacity)
        var state = self.state
        Self.words.withUnsafeBufferPointer { words in
            _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { bytes in
                var offset = 0
                for _ in 0..<count {
                    // SplitMix64.
                    state &+= 0x9E37_79B9_7F4A_7C15
                    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
                    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
                    let word = words[Int((mixed ^ (mixed >> 31)) % 10_000)]
                    bytes.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
                    offset += Int(word >> 56)
                }
                return offset
            }
        }
        self.state = state
        return buffer
    }
}
