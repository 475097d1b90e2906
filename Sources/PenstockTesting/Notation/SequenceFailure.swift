/// Where a ``CallSequence`` and what really happened part.
///
/// Its description shows the whole sequence, one command to a line, with what happened instead behind the line that differs.
public struct SequenceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The lines of the sequence: a command and what was expected to follow from it.
    public let lines: [String]
    /// The number of the line that differs, beginning with 1.
    public let line: Int
    /// The difference in a sentence.
    public let problem: String
    /// The command of that line and the signals that really followed from it.
    public let happened: String

    /// The difference, then the whole sequence.
    public var description: String {
        let shown = lines.enumerated().map { index, text in
            index + 1 == line ? "> \(text)    but: \(happened)" : "  \(text)"
        }
        return (["line \(line) differs: \(problem)"] + shown).joined(separator: "\n")
    }
}
