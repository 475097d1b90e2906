/// A word of a ``CallSequence`` that is not understood: which, where, and what was expected there.
public struct SequenceSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole text.
    public let text: String
    /// The word; empty if the text, or a step of it, ends where another word should be.
    public let word: String
    /// Where it begins, in characters from the beginning of the text; the first is 1.
    public let position: Int
    /// What should be there.
    public let expected: String

    /// The error in a sentence, then the line with a mark below the word.
    public var description: String {
        let found = word.isEmpty ? "a word is missing" : "'\(word)' is not understood"
        let before = text.prefix(position - 1)
        let start = before.lastIndex(where: \.isNewline).map(text.index(after:)) ?? text.startIndex
        let line = text[start...].prefix { !$0.isNewline }
        let column = text.distance(from: start, to: before.endIndex)
        let mark = String(repeating: " ", count: column) + String(repeating: "^", count: max(1, word.count))
        return "\(found) at character \(position): expected \(expected)\n\(line)\n\(mark)"
    }
}
