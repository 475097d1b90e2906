import Foundation
import Testing

@Suite("The README quotes code that is compiled elsewhere")
struct ReadmeTests {
    @Test("The chain of stages is the one of the example, line for line")
    func chain() throws {
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        func lines(of path: String) throws -> [String] {
            try String(contentsOf: root.appending(path: path), encoding: .utf8)
                .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let readme = try lines(of: "README.md")
        let heading = try #require(readme.firstIndex(of: "## A chain of stages"))
        let begin = try #require(readme[heading...].firstIndex(of: "```swift")) + 1
        let end = try #require(readme[begin...].firstIndex(of: "```"))
        let example = try lines(of: "Examples/Sources/NumberedLines/NumberedLines.swift")
        #expect(end - begin > 10)
        #expect(example.contains(readme[begin..<end]))
    }
}
