/// How a recorded sequence of calls differs from the expected one, to be read by a person.
///
/// Its description shows both sequences side by side, the first differing call marked and each missing and each surplus
/// call named.
public struct CallDifference: Error, Hashable, Sendable, CustomStringConvertible {
    private enum Row: Hashable, Sendable {
        case same(String)
        case missing(String)
        case surplus(String)

        var expected: String? {
            if case .surplus = self { nil } else { call }
        }

        var was: String? {
            if case .missing = self { nil } else { call }
        }

        var call: String {
            switch self {
            case .same(let call), .missing(let call), .surplus(let call): call
            }
        }

        var verdict: String {
            switch self {
            case .same: ""
            case .missing: "missing"
            case .surplus: "surplus"
            }
        }
    }

    /// The expected calls.
    public let expected: [String]
    /// The calls that were recorded.
    public let was: [String]
    /// The number of the first call that differs, beginning with 1.
    public let position: Int

    private let rows: [Row]

    /// Compares two sequences; nil if they are the same.
    public init?(expected: [String], was: [String]) {
        guard expected != was else { return nil }
        self.expected = expected
        self.was = was
        // Without what both begin with, the first edit is at the first call that differs, never before it.
        let alike = zip(expected, was).prefix { $0 == $1 }.count
        position = alike + 1
        rows =
            expected.prefix(alike).map { .same($0) }
            + CallDifference.align(Array(expected.dropFirst(alike)), Array(was.dropFirst(alike)))
    }

    /// The expected calls that were not made.
    public var missing: [String] { rows.filter { $0.was == nil }.map(\.call) }

    /// The calls that were made and not expected.
    public var surplus: [String] { rows.filter { $0.expected == nil }.map(\.call) }

    /// The first difference in a sentence, then both sequences side by side.
    public var description: String {
        let wanted = position <= expected.count ? "'\(expected[position - 1])'" : "no more calls"
        let found = position <= was.count ? "it was '\(was[position - 1])'" : "there was none"
        let width = max(8, rows.compactMap { $0.expected?.count }.max() ?? 0)
        let otherWidth = max(3, rows.compactMap { $0.was?.count }.max() ?? 0)
        let digits = "\(rows.count)".count
        var lines = ["call \(position) differs: expected \(wanted), but \(found)"]
        lines.append(line("", "", "expected", "was", "", widths: (digits, width, otherWidth)))
        for (index, row) in rows.enumerated() {
            let mark = index == position - 1 ? ">" : ""
            let number = "\(index + 1)"
            let cells = (row.expected ?? "-", row.was ?? "-")
            lines.append(line(mark, number, cells.0, cells.1, row.verdict, widths: (digits, width, otherWidth)))
        }
        return lines.joined(separator: "\n")
    }

    /// The calls in a text in which they are separated by `>`.
    static func calls(in text: String) -> [String] {
        let calls = text.split(separator: ">", omittingEmptySubsequences: false).map { call in
            call.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return calls == [""] ? [] : calls
    }

    private static func align(_ expected: [String], _ was: [String]) -> [Row] {
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in was.difference(from: expected) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var rows: [Row] = []
        var index = 0
        for (offset, call) in expected.enumerated() {
            if removed.contains(offset) {
                rows.append(.missing(call))
                continue
            }
            while inserted.contains(index) {
                rows.append(.surplus(was[index]))
                index += 1
            }
            rows.append(.same(call))
            index += 1
        }
        return rows + was[index...].map { .surplus($0) }
    }

    private func line(
        _ mark: String,
        _ number: String,
        _ expected: String,
        _ was: String,
        _ verdict: String,
        widths: (Int, Int, Int)
    ) -> String {
        var line = mark.padded(to: 2) + String(repeating: " ", count: widths.0 - number.count) + number
        line += "  " + expected.padded(to: widths.1) + "  " + was.padded(to: widths.2) + "  " + verdict
        while line.last == " " { line.removeLast() }
        return line
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
