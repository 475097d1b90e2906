import PenstockTesting
import Testing

@Suite("The text form of a simulation")
struct SimulationScriptTests {
    @Test("What is printed reads back as the same script")
    func readsBack() throws {
        for seed in UInt64(0)..<200 {
            let script = Simulation().script(seed: seed)
            #expect(try SimulationScript("\(script)") == script)
        }
    }

    @Test("Comments, blank lines and indentation are not looked at")
    func blanks() throws {
        let script = try SimulationScript("  node buffer 1/2 # the sink\n\n# nothing\n\twrite 0 1 0")
        #expect(script.description == "node buffer 1/2\nwrite 0 1 0")
        try script.run()
    }

    @Test(
        "A line that is none is named with its number",
        arguments: [
            "node", "node pipe 1/2", "node buffer 2/1", "node buffer 1", "node map 1/2 > 3", "node buffer 0/0 limit",
            "node back 0/0",
            "meter", "meter account", "meter bucket 0/1", "share 0", "write 0", "write 0 1 -1", "write a 1 0",
            "in pause 0 write 0 1 0",
            "in breath 0: take 0", "in none 0: take 0", "leap 0",
        ]
    )
    func syntax(line: String) {
        let error = #expect(throws: SimulationSyntaxError.self) { try SimulationScript("node buffer 0/0\n\(line)") }
        #expect(error?.line == 2)
        #expect(error?.text == line)
        #expect(error?.description.contains(line) == true)
    }

    @Test("A failure says which rule is broken, where, and by what")
    func failure() throws {
        let script = try SimulationScript("node subject 0/0\npush 0 0 1\nwrite 0 1 0")
        let failure = try #require(throws: SimulationFailure.self) {
            try script.run(subject: SimulationTests.subject(.pausesLate))
        }
        #expect(
            failure.description == """
                C4.1 is broken after step 2: node 0 (subject): has not paused its producer at a level of 1, marks (low: 0, high: 0), \
                held: false
                node subject 0/0
                push 0 0 1
                write 0 1 0
                """
        )
    }
}
