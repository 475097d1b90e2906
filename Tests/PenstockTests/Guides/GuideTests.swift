import Foundation
import Testing

@Suite("The guides show code that compiles")
struct GuideTests {
    static let guides = ["AsyncCode", "ProducersAndConsumers", "FromTwisted", "EndingAStream"]

    @Test("Every sample in them is in the files beside this one", arguments: guides)
    func samples(guide: String) throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        var compiled: [String] = []
        for file in try FileManager.default.contentsOfDirectory(at: here, includingPropertiesForKeys: nil)
        where file.lastPathComponent.hasSuffix("Samples.swift") {
            compiled += lines(of: try String(contentsOf: file, encoding: .utf8))
        }
        let article = here.appending(path: "../../../Sources/Penstock/Penstock.docc/\(guide).md").standardized
        // Split at the fences, every second part is code.
        let code = try String(contentsOf: article, encoding: .utf8)
            .split(separator: "```", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 && $0.element.hasPrefix("swift\n") }
            .map { lines(of: String($0.element.dropFirst(6))) }
        #expect(code.count >= 3)
        for sample in code {
            let isThere = compiled.indices.contains { compiled[$0...].starts(with: sample) }
            #expect(isThere, "\(sample.joined(separator: "\n"))")
        }
    }

    /// Without the indentation, which is another one inside a function.
    private func lines(of text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
