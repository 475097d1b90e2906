import Foundation
import Penstock
import PenstockTesting
import Testing

@Suite("Errors and ends: every door, every event")
struct ErrorsAndEndsTests {
    /// The lines of the tables of the article, by their headings.
    let tables: [String: [String]]

    init() throws {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let file = root.appending(path: "Sources/Penstock/Penstock.docc/ErrorsAndEnds.md")
        var tables: [String: [String]] = [:]
        var heading = ""
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("### ") { heading = String(line.dropFirst(4)) }
            if line.hasPrefix("|") { tables[heading, default: []].append(String(line)) }
        }
        self.tables = tables
    }

    @Test("The article has a table for every door, and none besides")
    func isComplete() {
        #expect(Set(tables.keys) == Set(Door.allCases.map(\.rawValue)))
    }

    @Test("Every line of the article is what happens", arguments: Door.allCases)
    func holds(door: Door) async throws {
        var lines = [
            "| what happens | the task | the source | the sink | read | dropped | refused |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        for event in door.events { lines.append(await line(door, event)) }
        let actual = lines.joined(separator: "\n")
        #expect(tables[door.rawValue]?.joined(separator: "\n") == actual, "\n### \(door.rawValue)\n\n\(actual)\n")
    }

    /// Six elements, of which two are read before the event; what is left after it is read to the end.
    private func line(_ door: Door, _ event: DoorEvent) async -> String {
        await SteppedDomain().run { domain in
            let run = DoorRun(door, event, clock: domain.clock)
            let task = Task {
                _ = domain
                await run.move()
            }
            domain.settle()
            for _ in 0..<2 {
                _ = run.take()
                domain.settle()
            }
            switch event {
            case .end, .sourceFails, .left: break
            case .sinkFails: run.sink.gate.end(.failed(TestFailure()))
            case .sinkEnds: run.sink.gate.end(.finished)
            case .lost: run.sink.gate.end(EndReason(.lost, error: TestFailure()))
            case .cancelled: task.cancel()
            case .deadline: domain.advance(by: .seconds(5))
            }
            domain.settle()
            while run.take() { domain.settle() }
            await task.value
            let delivery = run.sink.snapshot.delivery
            let cells = [
                event.rawValue, run.told ?? "hangs", run.sourceEnd, run.sinkEnd,
                "\(run.read)", "\(delivery.dropped.elements)", "\(delivery.refused.elements)",
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
    }
}
