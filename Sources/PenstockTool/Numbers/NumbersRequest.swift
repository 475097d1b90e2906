import NIOCore

/// A line of a client of the numbers server.
enum NumbersRequest: Hashable {
    static let most = 1_000_000_000_000

    /// This many integers are wanted.
    case count(Int)
    /// The line is not a whole number from 0 to `most`.
    case invalid

    init(line: ByteBuffer) {
        self = line.withUnsafeReadableBytes { bytes in
            let blanks: Set<UInt8> = [0x20, 0x09]
            var digits = bytes[...]
            while let first = digits.first, blanks.contains(first) { digits.removeFirst() }
            while let last = digits.last, blanks.contains(last) { digits.removeLast() }
            guard !digits.isEmpty else { return .invalid }
            var number = 0
            for digit in digits {
                guard (0x30...0x39).contains(digit) else { return .invalid }
                number = number * 10 + Int(digit - 0x30)
                guard number <= Self.most else { return .invalid }
            }
            return .count(number)
        }
    }
}
