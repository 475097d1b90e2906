import PenstockTesting
import Testing

/// Each of these histories once broke a rule; the simulator found and shrank them.
@Suite("What the simulator found")
struct FoundBySimulationTests {
    @Test("It is not there any more", arguments: found)
    func holds(name: String, script: String) throws {
        try SimulationScript(script).run()
    }

    static let found: [(String, String)] = [
        (
            "C2.1: a stage that was unregistered inside a signal and ended inside the same unregistered its successor",
            """
            node buffer 0/0
            node map 0/0 > 0
            attach 1 0
            in ended 1: pull 0 0 0
            hold 0 1
            write 1 1 0
            fail 1
            in pause 0: unregister 0
            release 0 1
            """
        ),
        (
            "C6.5: a stage that was resumed inside the stop of its producer handed on what its abort was about to drop",
            """
            node buffer 0/0
            node map 0/0 > 0
            attach 1 0
            push 1 0 0
            write 0 1 0
            write 1 1 0
            in stop 1: take 0
            abort 1
            """
        ),
        (
            "C6.5: aborted in the pause of a meter's hold, a collector drained what had been dropped, and the process ended",
            """
            node collector 0/9
            meter account 0/0
            add 0 0
            in pause 0: abort 0
            push 0 0 1
            write 0 1 0
            """
        ),
        (
            "C6.5: aborted in the pause of a meter's hold, so did a stage",
            """
            node buffer 0/0
            node map 0/0 > 0
            meter account 0/0
            attach 1 0
            add 1 0
            in pause 1: abort 1
            push 1 0 1
            write 1 1 0
            """
        ),
        (
            "C4.1: a meter that releases while it hears of a drain let elements in on top of the level before it",
            """
            node buffer 0/0
            node buffer 3/3
            node map 0/0 > 1
            meter account 1/4
            write-all 1 3 1
            add 1 0
            write 2 1 0
            """
        ),
        (
            "C4.6: a meter that is added again inside its own removal was attached twice, and its last hold stayed for ever",
            """
            node buffer 0/0
            node duplex 0/0 > 0
            node back 0/0 > 0
            meter spy
            add 2 0
            attach 1 0
            in drained 0: hold 0 0
            pull 2 1 1
            in pause 0: add 2 0
            remove 2 0
            """
        ),
        (
            "C4.8: an account that is added again inside its own removal did not hold what it should",
            """
            node buffer 3/3
            node buffer 0/0
            meter account 3/4
            add 0 0
            add 1 0
            write 1 2 0
            pull 0 1 3
            in ask 0: add 1 0
            remove 1 0
            """
        ),
        (
            "C4.6: a meter that is added while the stream ends was detached with a level it had not got back",
            """
            node buffer 0/0 limit 5
            meter spy
            write-all 0 3 1
            in stop 0: add 0 0
            add 0 0
            push 0 0 0
            write 0 1 0
            """
        ),
        (
            "C8.2: a framer kept the lines that a producer wrote as its answer at the tail of a write",
            """
            node buffer 0/0
            node buffer 0/0
            node framer 0/0 > 1
            attach 2 0
            pull 2 0 0
            in ask 2: write 2 1 1
            write-all 2 1 1
            """
        ),
        (
            "C3.7: a null consumer showed an element that was written while it showed a sequence before the rest of it",
            """
            node null 0/0
            in element 0: write 0 1 0
            write-all 0 3 0
            """
        ),
        (
            "C3.1: a write that was taken answered closed because the stream was failed behind it",
            """
            node null 0/0
            in element 0: fail 0
            write-all 0 2 1
            """
        ),
        (
            "C5.2: a collector asked between the elements of a sequence, the second of which ended it",
            """
            node collector 0/10
            write-all 0 4 0
            pull 0 0 0
            write 0 2 0
            write-all 0 2 2
            """
        ),
        (
            "C8.5: a duplex that was ended while an element was being handed on counted its weight and not the element",
            """
            node buffer 0/0
            node duplex 0/0 limit 4 > 0
            attach 1 0
            write 1 3 0
            write 1 2 0
            in pause 0: write 1 1 0
            rest
            """
        ),
        (
            "C3.1: a stage that passed a sequence on at once answered full and paused for nothing",
            """
            node buffer 0/0
            node duplex 0/1 > 0
            node adapter 0/0 > 1
            attach 2 0
            write-all 2 1 1
            """
        ),
        (
            "C10.3: the answer to a question met the hard limit, which a low mark above the limit had asked for",
            """
            node buffer 3/3 limit 2
            write 0 3 0
            pull 0 0 0
            write 0 1 0
            """
        ),
    ]
}
