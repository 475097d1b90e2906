import ArgumentParser

/// A number of bytes as people write it: `4096`, `10k`, `1M`, `2G`; the letters stand for powers of 1024.
struct ByteSize: Hashable, CustomStringConvertible {
    var bytes: Int

    init(bytes: Int) {
        self.bytes = bytes
    }

    init?(argument: String) {
        var digits = Substring(argument)
        var shift = 0
        if let last = digits.last, let power = ["k": 10, "m": 20, "g": 30][last.lowercased()] {
            shift = power
            digits.removeLast()
        }
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits) else {
            return nil
        }
        let (bytes, isTooMuch) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !isTooMuch else { return nil }
        self.bytes = bytes
    }

    /// Reads an argument; what is expected goes into the error.
    static func argument(_ text: String) throws -> ByteSize {
        guard let size = ByteSize(argument: text) else {
            throw ValidationError("a whole number, or one with k, M or G behind it, is expected")
        }
        return size
    }

    /// As short as can be without rounding: `64k`.
    var description: String {
        for (letter, shift) in [("G", 30), ("M", 20), ("k", 10)] where bytes > 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(letter)"
        }
        return "\(bytes)"
    }
}
