import Foundation
import PenstockTesting
import Testing

@Suite("The article on the notation tells what the code does")
struct NotationArticleTests {
    let text: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let article = "Sources/PenstockTesting/PenstockTesting.docc/TheNotation.md"
        text = try String(contentsOf: root.appending(path: article), encoding: .utf8)
    }

    @Test("Every sequence in it runs as it is written")
    func sequences() throws {
        // Split at the fences, every second part is code.
        let code = text.split(separator: "```", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
        let sequences = code.filter { $0.hasPrefix("\nregister ") }
        #expect(sequences.count == 5)
        for sequence in sequences {
            try CallSequence(sequence).run(on: .transport())
        }
    }

    @Test("Every word that the parser expects is in its tables and in its grammar")
    func words() throws {
        let error = try #require(throws: SequenceSyntaxError.self) { try CallSequence("finish > nonsense") }
        let words = error.expected.split(whereSeparator: { " ,()".contains($0) }).map(String.init)
            .filter { !["a", "command", "or", "what", "follows", "from", "one"].contains($0) }
        #expect(words.count == 29)
        let tables = text.split(separator: "\n").filter { $0.hasPrefix("|") }.joined()
        for word in words {
            #expect(tables.contains("`\(word)`") || tables.contains("`\(word) "), "\(word) is in no table")
            #expect(text.contains("\"\(word)\""), "\(word) is not in the grammar")
        }
    }

    @Test("Every code of an end in its grammar is understood, and there is no other")
    func codes() throws {
        let error = try #require(throws: SequenceSyntaxError.self) { try CallSequence("finish > end nonsense") }
        let known = error.expected.split(separator: ": ")[1].split(separator: ", ").map(String.init)
        let start = try #require(text.range(of: "code     = "))
        let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
        let grammar = text[start.upperBound..<end.lowerBound].split(separator: "\"").map(String.init)
            .filter { $0.contains(where: \.isLetter) }
        #expect(grammar == known)
        for code in grammar { _ = try CallSequence("abort \(code) > stop \(code) > end \(code)") }
    }
}
