import Foundation
import PenstockTesting
import Testing

@Suite("The code in the article on proving a consumer is the code of its tests")
struct ArticleCodeTests {
    let article: ArticleFile
    /// The lines of every file beside this one, without their indentation.
    let files: [[String]]

    init() throws {
        article = try ArticleFile("Sources/PenstockTesting/PenstockTesting.docc/ProveYourOwnConsumer.md")
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        files = try names.filter { $0.hasSuffix(".swift") }.map { name in
            Self.lines(try String(contentsOf: folder.appending(path: name), encoding: .utf8))
        }
    }

    private static func lines(_ text: String) -> [String] {
        text.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test("Every block of Swift stands in one of the files, line by line")
    func blocks() {
        let blocks = article.codeBlocks.filter { $0.language == "swift" }
        #expect(blocks.count >= 15)
        for block in blocks {
            let wanted = Self.lines(block.code)
            let stands = files.contains { file in
                file.indices.contains { file[$0...].starts(with: wanted) }
            }
            #expect(stands, "is in no file:\n\(block.code)")
        }
    }

    @Test("Whole classes are shown whole", arguments: ["EmptyQueue", "PrintQueue"])
    func classes(_ name: String) throws {
        let file = try ArticleFile("Tests/PenstockTestingTests/Article/\(name).swift").text
        let start = try #require(file.range(of: "final class"))
        let end = try #require(file.range(of: "\n}\n", range: start.lowerBound..<file.endIndex))
        let code = file[start.lowerBound..<end.upperBound].dropLast()
        #expect(article.codeBlocks.contains { $0.code == code }, "\(name) is another in the article:\n\(code)")
    }
}
