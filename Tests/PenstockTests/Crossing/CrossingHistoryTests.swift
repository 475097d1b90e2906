import Foundation
import Penstock
import PenstockTesting
import Testing

@Suite("C9.3: a crossing, its two domains turned in every order")
struct CrossingHistoryTests {
    @Test("every order of five moves, each with every end in every place", arguments: CrossingHistory.Step.moves)
    func exhaustive(first: CrossingHistory.Step) throws {
        let moves = CrossingHistory.Step.moves
        for number in 0..<256 {
            let order = [first] + (0..<4).map { moves[(number >> (2 * $0)) & 3] }
            try check(order)
            for end in CrossingHistory.Step.ends {
                for place in 0...order.count { try check(Array(order[..<place]) + [end] + order[place...]) }
            }
        }
    }

    @Test("random histories, with any number of ends", arguments: seeds(300))
    func random(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let history = try CrossingHistory()
        for _ in 0..<Int.random(in: 10...200, using: &random) {
            let isEnd = Int.random(in: 0..<80, using: &random) == 0
            let steps = isEnd ? CrossingHistory.Step.ends : CrossingHistory.Step.moves + [.write, .writeTwo]
            history.run(steps.randomElement(using: &random) ?? .write)
        }
        history.conclude()
        #expect(history.problems == [], "set PENSTOCK_SEED=\(seed) to repeat")
    }

    /// The seeds to run with: the one in `PENSTOCK_SEED` alone, or the given number of fresh ones.
    private static func seeds(_ count: Int) -> [UInt64] {
        if let text = ProcessInfo.processInfo.environment["PENSTOCK_SEED"], let seed = UInt64(text) { return [seed] }
        return (0..<count).map { _ in UInt64.random(in: 0...UInt64(UInt32.max)) }
    }

    private func check(_ steps: [CrossingHistory.Step]) throws {
        let history = try CrossingHistory()
        for step in steps { history.run(step) }
        history.conclude()
        if let problem = history.problems.first { Issue.record("\(problem)") }
    }
}
