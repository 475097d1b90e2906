import PenstockTesting
import Testing

@Suite("Every history of a small world")
struct ExplorationTests {
    @Test(
        "Two producers in turn before a stage, and producers that act inside their signals: no wake-up is lost in any order"
    )
    func signals() throws {
        #expect(try Self.explore(stage: 6, signals: 5) > 40_000)
    }

    /// - Returns: How many histories were looked at.
    @discardableResult
    static func explore(stage: Int, signals: Int) throws -> Int {
        let turns = try SimulationScript(
            """
            node buffer 0/0
            node map 0/0 > 0
            push 1 1 1
            pull 1 1 1
            unregister 1
            write 1 1 0
            take 0
            hold 0 0
            release 0 0
            turn
            """
        )
        let inside = try SimulationScript(
            """
            node buffer 0/0
            push 0 1 1
            write 0 1 0
            in pause 0: take 0
            in resume 0: write 0 1 0
            in pause 0: unregister 0
            in resume 0: push 0 1 1
            take 0
            turn
            """
        )
        return try Exploration(of: turns, after: SimulationScript("attach 1 0"), length: stage).run()
            + Exploration(of: inside, length: signals).run()
    }

    @Test("Two ends at once, in every order, leave nobody unstopped")
    func ends() throws {
        let alphabet = try SimulationScript(
            """
            node buffer 0/0
            node map 0/0 > 0
            push 1 2 1
            finish 1
            fail 1
            abort 0
            in stop 1: write 1 1 0
            in pause 1: abort 1
            take 0
            turn
            """
        )
        try Exploration(of: alphabet, after: SimulationScript("attach 1 0"), length: 4).run()
    }

    @Test("A lost resume is found, and by a short history")
    func finds() throws {
        let alphabet = try SimulationScript("node subject 0/0\npush 0 1 1\nwrite 0 1 0\ntake 0")
        let failure = try #require(throws: SimulationFailure.self) {
            try Exploration(of: alphabet, length: 8, subject: SimulationTests.subject(.forgetsResume)).run()
        }
        #expect(failure.seed == nil)
        #expect(failure.script.count <= 8)
    }
}
