import Penstock
import PenstockTesting
import Testing

@Suite("The sequence of calls as text")
struct RecorderTests {
    let recorder = Recorder()

    @Test("Calls come in their order, named if several objects report")
    func records() {
        recorder.record("pause", of: "left")
        recorder.record("turn")
        recorder.record("stop lost", of: "right")
        #expect(recorder.description == "left: pause > turn > right: stop lost")
        #expect(recorder.calls(of: "right") == ["stop lost"])
        recorder.clear()
        #expect(recorder.calls == [])
    }

    @Test("The same sequence is no difference, however it is laid out")
    func same() throws {
        try recorder.check("")
        recorder.record("pause")
        recorder.record("stop  lost".replacing("  ", with: " "))
        try recorder.check("pause > stop lost")
        try recorder.check(
            """
            pause
              > stop   lost
            """
        )
        #expect(recorder.difference(from: "pause > stop lost >") != nil)
    }

    @Test("One object's calls are compared without its name")
    func ofOne() throws {
        recorder.record("pause", of: "left")
        recorder.record("ask", of: "right")
        try recorder.check("ask", of: "right")
        try recorder.check("left: pause > right: ask")
        #expect(throws: CallDifference.self) { try recorder.check("pause", of: "right") }
    }

    @Test("A difference marks the first call, aligns both sequences, and names what is missing and surplus")
    func difference() throws {
        for call in ["register push", "write 3", "stop lost", "turn", "end lost"] { recorder.record(call) }
        let difference = try #require(
            recorder.difference(from: "register push > write 3 > pause > resume > turn > end lost > finish")
        )
        #expect(difference.position == 3)
        #expect(difference.missing == ["pause", "resume", "finish"])
        #expect(difference.surplus == ["stop lost"])
        #expect(
            difference.description == """
                call 3 differs: expected 'pause', but it was 'stop lost'
                     expected       was
                  1  register push  register push
                  2  write 3        write 3
                > 3  pause          -              missing
                  4  resume         -              missing
                  5  -              stop lost      surplus
                  6  turn           turn
                  7  end lost       end lost
                  8  finish         -              missing
                """
        )
    }

    @Test("The first call that differs is the one that is marked, although an earlier one could be called surplus")
    func firstDifference() throws {
        for call in ["a", "a", "b"] { recorder.record(call) }
        let difference = try #require(recorder.difference(from: "a > b"))
        #expect(difference.position == 2)
        #expect(difference.surplus == ["a"])
        #expect(difference.description.hasPrefix("call 2 differs: expected 'b', but it was 'a'\n"))
    }

    @Test("A sequence that is too short or too long says so")
    func lengths() throws {
        recorder.record("a")
        let short = try #require(recorder.difference(from: "a > b"))
        #expect(short.description.hasPrefix("call 2 differs: expected 'b', but there was none\n"))
        let long = try #require(recorder.difference(from: ""))
        #expect(long.description.hasPrefix("call 1 differs: expected no more calls, but it was 'a'\n"))
    }
}
