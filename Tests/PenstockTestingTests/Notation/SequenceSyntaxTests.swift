import Penstock
import PenstockTesting
import Testing

@Suite("Sequences that are not understood")
struct SequenceSyntaxTests {
    func error(_ text: String) throws -> SequenceSyntaxError {
        try #require(throws: SequenceSyntaxError.self) { try CallSequence(text) }
    }

    @Test("The error names the word, its position and what was expected, and points at it")
    func description() throws {
        let error = try error("register push\n  > write 5 > pause\n  > dran 5")
        #expect(error.word == "dran")
        #expect(error.position == 39)
        let lines = error.description.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(
            lines[0] == """
                'dran' is not understood at character 39: expected a command (register, unregister, write, write-all, drain, \
                hold, release, marks, connect, lose, finish, fail, abort, turn, settle, advance) or what follows from one \
                (pause, resume, ask, stop, end, already-registered, room, full, closed, level, delivered, dropped, refused)
                """
        )
        #expect(lines[1] == "  > dran 5")
        #expect(lines[2] == "    ^^^^")
    }

    @Test(
        "Each word is checked where it stands",
        arguments: [
            ("", "", 1, "a command: "),
            ("finish >", "", 9, "a command: "),
            ("finish > > abort", "", 10, "a command: "),
            ("pause > write 1", "pause", 1, "a command, for a sequence begins with one: "),
            ("register", "", 9, "'push' or 'pull'"),
            ("register > finish", "", 10, "'push' or 'pull'"),
            ("register both", "both", 10, "'push' or 'pull'"),
            ("register push twice", "twice", 15, "'>' or the end, after 'register'"),
            ("write 0", "0", 7, "a weight or 'empty'"),
            ("write -1", "-1", 7, "a weight or 'empty'"),
            ("write 1 3", "3", 9, "a count such as x3"),
            ("write 1 x0", "x0", 9, "a count such as x3"),
            ("write 1 x3 x3", "x3", 12, "'>' or the end, after 'write'"),
            ("write-all", "", 10, "a weight"),
            ("write-all 1 two", "two", 13, "a weight"),
            ("drain most", "most", 7, "a weight or 'all'"),
            ("hold", "", 5, "the name of a hold"),
            ("marks 4 2", "2", 9, "the high mark, at least 4"),
            ("advance 10", "10", 9, "a duration such as 10ms, in ns, us, ms, s or min"),
            ("advance ms", "ms", 9, "a duration such as 10ms, in ns, us, ms, s or min"),
            ("finish > end soon", "soon", 14, "the code of an end: finished, failed, "),
            ("abort timed-out now", "timed-out now", 7, "the code of an end: finished, failed, "),
            ("finish > level", "", 15, "a weight"),
            ("finish > dropped some", "some", 18, "a number of elements"),
            ("turn twice", "twice", 6, "a count such as x3"),
        ]
    )
    func words(_ text: String, _ word: String, _ position: Int, _ expected: String) throws {
        let error = try error(text)
        #expect(error.word == word)
        #expect(error.position == position)
        #expect(error.expected.hasPrefix(expected))
    }

    @Test("Blanks and line breaks do not count")
    func blanks() throws {
        let sequence = try CallSequence("register   push>write 5 x2\n\t> pause\n")
        #expect(sequence.description == "register push > write 5 x2 > pause")
        #expect(sequence.text == "register   push>write 5 x2\n\t> pause\n")
    }
}
