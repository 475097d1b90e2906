import Foundation
import Penstock
import PenstockTesting
import Testing

@Suite("The samples of the article on crossing domains")
struct CrossingArticleTests {
    @Test("are those that are compiled here")
    func compiled() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let article = here.appending(path: "../../../Sources/Penstock/Penstock.docc/CrossingDomains.md").standardized
        let samples = try String(contentsOf: article, encoding: .utf8).components(separatedBy: "```swift\n").dropFirst()
            .map { $0.components(separatedBy: "```")[0] }
        let compiled = try ["CrossingSamples.swift", "Archive.swift"]
            .map { try String(contentsOf: here.appending(path: $0), encoding: .utf8) }
            .joined()
        #expect(samples.count == 4)
        for sample in samples { #expect(compiled.contains(sample)) }
    }

    @Test("do what they say")
    func run() async throws {
        let archive = Archive()
        let delivery = try await store([1, 2, 3], in: try await archive.open(marks: Watermarks(low: 1, high: 2)))
        #expect(delivery.accepted.elements == 3)
        #expect(await archive.rows == [1, 2, 3])
        let clock = VirtualClock()
        try feed(await archive.open(marks: Watermarks(low: 1, high: 2)), on: clock)
        let collector = Collector<Int>(cap: 10, weight: { _ in 1 }, scheduler: clock)
        let marks = Watermarks(low: 1, high: 2)
        let source = SequenceSource([1, 2, 3], scheduler: clock)
        try consume(SourceHandle(source, marks: marks, weight: { _ in 1 }, on: clock), into: collector)
        clock.settle()
        #expect(collector.elements == [1, 2, 3])
    }
}
