import Penstock
import PenstockTesting
import Testing

@Suite("C5: pull producers")
struct PullFlowTests {
    let clock = VirtualClock()

    func buffer(low: Int = 2, high: Int = 4) -> Buffer<Int> {
        Buffer(marks: Watermarks(low: low, high: high), weight: { _ in 1 }, scheduler: clock)
    }

    @Test("B24, C5.1: one question, one element; the next question comes after the answer, while the level is low")
    func oneQuestionOneElement() throws {
        let buffer = buffer(low: 0)
        let puller = ScriptedPuller()
        puller.onAsk = { buffer.write($0) }
        try buffer.registerProducer(puller)
        #expect(puller.questions == 1)
        #expect(buffer.take() == 1)
        #expect(puller.questions == 2)
        #expect(buffer.take() == 2)
        #expect(puller.questions == 3)
    }

    @Test("C5.2: it is asked while the level is at or below the low mark, so that the pipe does not run dry")
    func asksUpToLow() throws {
        let buffer = buffer(low: 3, high: 10)
        let puller = ScriptedPuller()
        puller.onAsk = { buffer.write($0) }
        try buffer.registerProducer(puller)
        #expect(buffer.count == 4)
        _ = buffer.take()
        #expect(buffer.count == 4)
        buffer.hold()
        _ = buffer.take()
        #expect(buffer.count == 3)
        buffer.release()
        #expect(buffer.count == 4)
    }

    @Test("C10.2: a pull producer lifts the level to the low mark plus one element, and no further")
    func peak() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 30, high: 60), weight: { _ in 7 }, scheduler: clock)
        let puller = ScriptedPuller()
        puller.onAsk = { buffer.write($0) }
        try buffer.registerProducer(puller)
        for _ in 0..<10_000 {
            _ = buffer.take()
            clock.runTurn()
        }
        #expect(buffer.snapshot.peak == 35)
        #expect(puller.deepest == 1)
    }

    @Test("B25, C5.2: a pull producer that writes far above the mark is not paused, and asked again when it is low")
    func neverPaused() throws {
        let buffer = buffer()
        let puller = ScriptedPuller()
        puller.onAsk = { if $0 == 1 { buffer.write(contentsOf: 0..<50) } }
        try buffer.registerProducer(puller)
        #expect(buffer.snapshot.pauses == 0)
        #expect(!buffer.snapshot.isPaused)
        while buffer.count > 3 { _ = buffer.take() }
        #expect(puller.questions == 1)
        _ = buffer.take()
        #expect(puller.questions == 2)
    }

    @Test("B26: a pull producer that unregisters after its tenth element is not asked again")
    func tenElements() throws {
        let buffer = buffer()
        let puller = ScriptedPuller()
        puller.onAsk = {
            buffer.write($0)
            if $0 == 10 { buffer.unregisterProducer() }
        }
        try buffer.registerProducer(puller)
        for n in 1...10 { #expect(buffer.take() == n) }
        #expect(buffer.take() == nil)
        clock.settle()
        #expect(puller.questions == 10)
        #expect(puller.stops.isEmpty)
    }

    @Test("B27, C5.3: a producer that has nothing yet owes the answer; meanwhile nothing stalls and nothing spins")
    func lateAnswer() throws {
        let buffer = buffer()
        let puller = ScriptedPuller()
        try buffer.registerProducer(puller)
        clock.settle()
        #expect(puller.questions == 1)
        #expect(clock.isIdle)
        #expect(buffer.snapshot.isAsked)
        for n in 2...3 {
            buffer.write(n)
            #expect(puller.questions == n)
        }
        // Above the low mark the answer is not followed by a question.
        buffer.write(4)
        #expect(puller.questions == 3)
        _ = buffer.take()
        #expect(puller.questions == 4)
    }

    @Test("C5.3: the question after a late answer comes at the tail of that write, never nested deeper than one")
    func lateAnswerDoesNotNest() throws {
        let null = NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
        var order: [String] = []
        null.onElement = { order.append("element \($0)") }
        let puller = ScriptedPuller()
        puller.onAsk = { number in
            order.append("question \(number)")
            if number > 1, number < 4 { null.write(number) }
        }
        try null.registerProducer(puller)
        null.write(1)
        #expect(
            order == [
                "question 1", "element 1", "question 2", "element 2", "question 3", "element 3", "question 4",
            ]
        )
        #expect(puller.deepest == 1)
    }

    @Test("C5.3: a million synchronous answers run at constant stack depth")
    func millionAnswers() throws {
        let null = NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
        let puller = ScriptedPuller()
        puller.onAsk = { number in
            if number <= 1_000_000 { null.write(number) } else { null.unregisterProducer() }
        }
        try null.registerProducer(puller)
        clock.settle()
        #expect(null.total.elements == 1_000_000)
        #expect(puller.deepest == 1)
    }

    @Test("B27, C5.4: an empty answer is followed by a new question on a later turn, one a turn")
    func emptyAnswer() throws {
        let buffer = buffer()
        let gate = buffer.gate
        let puller = ScriptedPuller()
        puller.onAsk = { if $0 < 5 { _ = gate.acceptEmpty() } }
        try buffer.registerProducer(puller)
        for expected in 1...5 {
            #expect(puller.questions == expected)
            clock.runTurn()
        }
        #expect(puller.questions == 5)
        #expect(clock.isIdle)
    }

    @Test("C5.4: a late empty answer is followed by a new question on a later turn too")
    func lateEmptyAnswer() throws {
        let buffer = buffer()
        let puller = ScriptedPuller()
        try buffer.registerProducer(puller)
        _ = buffer.gate.acceptEmpty()
        #expect(puller.questions == 1)
        clock.runTurn()
        #expect(puller.questions == 2)
        // An empty write that nobody asked for is no answer.
        puller.onAsk = { _ in buffer.write(contentsOf: 0..<3) }
        buffer.write(1)
        #expect(puller.questions == 3)
        _ = buffer.gate.acceptEmpty()
        clock.settle()
        #expect(puller.questions == 3)
    }

    @Test("C5.5: a producer that always has data does not hold the turn, and goes on in the next")
    func budgetPerTurn() throws {
        let null = NullConsumer<Int>(weight: { _ in 1 << 10 }, scheduler: clock)
        let puller = ScriptedPuller()
        puller.onAsk = { null.write($0) }
        try null.registerProducer(puller)
        let first = null.total.weight
        #expect(first >= 1 << 20 && first <= (1 << 20) + (4 << 10))
        for turn in 2...4 {
            clock.runTurn()
            let moved = null.total.weight
            #expect(moved >= turn << 20 && moved <= turn * ((1 << 20) + (4 << 10)))
        }
        null.unregisterProducer()
        #expect(clock.settle(turns: 3))
    }

    @Test("C5.5: a push producer that refills inside every resume does not hold the turn either")
    func budgetForPush() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 0, high: 0), weight: { _ in 1 << 10 }, scheduler: clock)
        let producer = StrictProducer()
        producer.onResume = { buffer.write(1) }
        try buffer.registerProducer(producer)
        buffer.write(1)
        var taken = 0
        while buffer.take() != nil { taken += 1 }
        #expect(taken >= 1 << 10 && taken <= (1 << 10) + 4)
        clock.runTurn()
        while buffer.take() != nil { taken += 1 }
        #expect(taken >= 2 << 10 && taken <= (2 << 10) + 8)
        #expect(producer.violations == [])
    }

    @Test("C5.5: the share of a turn is divided among the active streams")
    func sharesAreEqual() throws {
        let sinks = (0..<4).map { _ in NullConsumer<Int>(weight: { _ in 1 << 10 }, scheduler: clock) }
        for sink in sinks {
            let puller = ScriptedPuller()
            puller.onAsk = { sink.write($0) }
            try sink.registerProducer(puller)
        }
        clock.runTurn()
        let before = sinks.map(\.total.weight)
        for _ in 0..<10 { clock.runTurn() }
        for (sink, before) in zip(sinks, before) {
            let moved = sink.total.weight - before
            #expect(moved >= 10 * (1 << 18) && moved <= 10 * (1 << 18) + (40 << 10))
        }
    }

    @Test("C5.5: producers that replace one another without writing do not hold the turn")
    func registrationInsideQuestion() throws {
        let buffer = buffer()
        var asked = 0
        func next() -> ScriptedPuller {
            let puller = ScriptedPuller()
            puller.onAsk = { _ in
                asked += 1
                buffer.unregisterProducer()
                do { try buffer.registerProducer(next()) } catch { Issue.record(error) }
            }
            return puller
        }
        try buffer.registerProducer(next())
        #expect(asked > 0)
        let before = asked
        clock.runTurn()
        #expect(asked > before)
        buffer.abort(.aborted)
        #expect(clock.settle(turns: 3))
    }
}
