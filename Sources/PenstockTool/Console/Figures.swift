/// Numbers as people read them.
enum Figures {
    /// `512 B`, `64.0 KiB`, `128 KiB`, `1.5 GiB`: at most eight characters.
    static func bytes(_ count: Int) -> String {
        guard abs(count) >= 1024 else { return "\(count) B" }
        var value = Double(count) / 1024
        for unit in ["KiB", "MiB", "GiB"] {
            if abs(value) < 1000 { return "\(fixed(value, abs(value) < 99.95 ? 1 : 0)) \(unit)" }
            value /= 1024
        }
        return "\(fixed(value, 1)) TiB"
    }

    /// `1,234,567`.
    static func grouped(_ number: Int) -> String {
        var text = String(number.magnitude)
        var index = text.endIndex
        while text.distance(from: text.startIndex, to: index) > 3 {
            index = text.index(index, offsetBy: -3)
            text.insert(",", at: index)
        }
        return number < 0 ? "-" + text : text
    }

    /// `1 connection`, `1,234 connections`.
    static func count(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(plural(noun, number))" }

    /// `1 element`, `1234 elements`: for logs, which have numbers as the library's texts have them.
    static func plain(_ number: Int, _ noun: String) -> String { "\(number) \(plural(noun, number))" }

    private static func plural(_ noun: String, _ number: Int) -> String { number == 1 ? noun : noun + "s" }

    /// Seconds with one decimal: `3.2 s`.
    static func seconds(_ duration: Duration) -> String { "\(fixed(number(of: duration), 1)) s" }

    /// Milliseconds with two decimals: `1.08 ms`.
    static func milliseconds(_ duration: Duration) -> String { "\(fixed(number(of: duration) * 1000, 2)) ms" }

    /// The seconds of a duration.
    static func number(of duration: Duration) -> Double { duration / .seconds(1) }

    /// With a fixed number of decimals.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
        let scaled = (value * scale).rounded()
        guard scaled.magnitude < 1e15 else { return String(value) }
        let whole = Int(scaled.magnitude)
        let sign = scaled < 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(whole) }
        let digits = String(whole)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// Filled up with spaces on the right, or on the left to align numbers.
    static func column(_ text: String, _ width: Int, trailing: Bool = false) -> String {
        let fill = String(repeating: " ", count: max(0, width - text.count))
        return trailing ? fill + text : text + fill
    }
}
