import Foundation

/// An article of the documentation, as it is in the sources.
struct ArticleFile {
    let text: String

    /// Reads it.
    ///
    /// - Parameter path: The path from the folder of the package.
    init(_ path: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The lines between this heading and the next one of any kind that are part of a table.
    func table(under heading: String) -> String {
        let lines = text.components(separatedBy: "\n")
        guard let start = lines.firstIndex(of: heading) else { return "" }
        let section = lines[(start + 1)...].prefix { !$0.hasPrefix("#") }
        return section.filter { $0.hasPrefix("|") }.joined(separator: "\n")
    }

    /// The contents of all code blocks, in their order, without the fences.
    var codeBlocks: [(language: String, code: String)] {
        var blocks: [(String, String)] = []
        var open: (language: String, lines: [String])?
        for line in text.components(separatedBy: "\n") {
            guard line.hasPrefix("```") else {
                open?.lines.append(line)
                continue
            }
            if let (language, lines) = open {
                blocks.append((language, lines.joined(separator: "\n")))
                open = nil
            } else {
                open = (String(line.dropFirst(3)), [])
            }
        }
        return blocks
    }
}
