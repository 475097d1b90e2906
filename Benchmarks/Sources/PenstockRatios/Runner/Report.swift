/// Turns outcomes into lines of text, one for each figure and side.
enum Report {
    private static let widths = [24, 14, 10, 10, 10, 8]

    /// The lines that show an outcome.
    static func lines(_ outcome: Outcome) -> [String] {
        let comparison = outcome.comparison
        var lines = ["\(comparison.name): \(comparison.summary)"]
        lines.append(row(["figure", "side", "median", "least", "most", "ratio"], "target"))
        for figure in comparison.figures {
            lines += self.lines(figure, of: outcome)
        }
        if !outcome.hasCandidate {
            lines.append("  Penstock's side of this comparison is not written yet.")
        }
        return lines + [""]
    }

    private static func lines(_ figure: Figure, of outcome: Outcome) -> [String] {
        let base = outcome.series.first.flatMap { median($0.values(figure.key)) }
        var name = "\(figure.key), \(figure.unit)"
        return outcome.series.enumerated().compactMap { index, series in
            let values = series.values(figure.key)
            guard let middle = median(values), let least = values.min(), let most = values.max() else { return nil }
            let isCandidate = outcome.hasCandidate && index == outcome.series.count - 1
            defer { name = "" }
            return row(
                [
                    name, series.label, significant(middle), significant(least), significant(most),
                    index == 0 ? "" : ratio(middle, to: base),
                ],
                isCandidate ? verdict(figure, of: outcome) : ""
            )
        }
    }

    private static func ratio(_ value: Double, to base: Double?) -> String {
        guard let base, base != 0 else { return "-" }
        return decimal(value / base, places: 2)
    }

    private static func verdict(_ figure: Figure, of outcome: Outcome) -> String {
        guard let target = figure.target, let isReached = outcome.isReached(figure) else { return "" }
        return target.text + (isReached ? "  reached" : "  MISSED")
    }

    private static func row(_ columns: [String], _ last: String) -> String {
        let cells = zip(columns, widths).enumerated().map { index, cell in
            padded(cell.0, to: cell.1, right: index >= 2)
        }
        var line = "  " + cells.joined(separator: " ") + (last.isEmpty ? "" : "  " + last)
        while line.last == " " { line.removeLast() }
        return line
    }
}
