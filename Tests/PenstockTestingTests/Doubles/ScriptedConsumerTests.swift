import Penstock
import PenstockTesting
import Testing

@Suite("A consumer whose room and drains come as told")
struct ScriptedConsumerTests {
    let clock = VirtualClock()

    func consumer(_ script: [ScriptedConsumer<Int>.Step]) -> ScriptedConsumer<Int> {
        ScriptedConsumer(script, scheduler: clock)
    }

    @Test("Full after 3 writes, then room after 2 turns: a push producer is paused inside the third, and resumed then")
    func push() throws {
        let consumer = consumer([.takes(3), .waits(turns: 2), .takes(1), .waitsFor(.seconds(1))])
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        #expect(consumer.write(1) == .room)
        #expect(consumer.write(2) == .room)
        #expect(consumer.write(3) == .full)
        #expect(producer.signals == [.pause])
        clock.runTurn()
        #expect(producer.signals == [.pause] && consumer.isFull)
        clock.runTurn()
        #expect(producer.signals == [.pause, .resume] && !consumer.isFull)
        #expect(consumer.write(4) == .full)
        clock.advance(by: .milliseconds(999))
        #expect(producer.signals == [.pause, .resume, .pause])
        #expect(!consumer.isScriptOver)
        clock.advance(by: .milliseconds(1))
        #expect(producer.signals == [.pause, .resume, .pause, .resume])
        #expect(consumer.isScriptOver)
        for number in 5...100 { #expect(consumer.write(number) == .room) }
        #expect(consumer.elements == Array(1...100))
        #expect(consumer.skid == 0)
        #expect(producer.violations == [])
        let calls = consumer.recorder.calls.prefix(8).joined(separator: " > ")
        #expect(calls == "register push > write 1 > write 2 > write 3 > pause > resume > write 4 > pause")
    }

    @Test("A pull source is asked only while there is room")
    func pull() throws {
        let consumer = consumer([.waits(turns: 1), .takes(2), .waits(turns: 1), .takes(7), .waits(turns: 1)])
        try TenElements(scheduler: clock).attach(to: consumer)
        try consumer.recorder.check("register pull")
        clock.runTurn()
        try consumer.recorder.check("register pull > ask > write 1 > ask > write 2")
        clock.runTurn()
        #expect(consumer.elements.count == 9)
        clock.settle()
        #expect(Array(consumer.recorder.calls.suffix(4)) == ["ask", "write 10", "unregister", "finish"])
        #expect(consumer.end?.isOrderly == true)
        #expect(consumer.skid == 0)
    }

    @Test("The example of the documentation: a source that is stopped with its fourth element")
    func documented() throws {
        let consumer = consumer([.takes(3), .waits(turns: 2), .takes(1), .ends(.cancelled)])
        try TenElements(scheduler: clock).attach(to: consumer)
        clock.settle()
        try consumer.recorder.check(
            "register pull > ask > write 1 > ask > write 2 > ask > write 3 > ask > write 4 > stop cancelled"
        )
    }

    @Test("What is written while it is full is held, counted as skid, and drained when there is room again")
    func skid() throws {
        let consumer = consumer([.takes(1), .waits(turns: 1)])
        let producer = StrictProducer()
        producer.onPause = { consumer.write(2) }
        try consumer.registerProducer(producer)
        consumer.write(1)
        #expect(consumer.write(3) == .full)
        #expect(consumer.snapshot.level == 2)
        #expect(consumer.skid == 2)
        clock.settle()
        #expect(consumer.snapshot.level == 0)
        #expect(consumer.elements == [1, 2, 3])
        #expect(producer.signals == [.pause, .resume])
        #expect(consumer.skid == 2)
    }

    @Test("Several elements written as one decision cause one pause, and none of them is skid")
    func sequence() throws {
        let consumer = consumer([.takes(2), .waits(turns: 1)])
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        #expect(consumer.write(contentsOf: []) == .room)
        #expect(consumer.write(contentsOf: 1...5) == .full)
        #expect(producer.signals == [.pause])
        #expect(consumer.skid == 0)
        #expect(consumer.elements == Array(1...5))
        try consumer.recorder.check("register push > write-all > write-all 1 2 3 4 5 > pause")
    }

    @Test("It ends inside the write that the script says, and stops its producer once")
    func ends() throws {
        let consumer = consumer([.takes(2), .ends(.cancelled)])
        var told: [EndReason.Code] = []
        consumer.onEnd = { reason, _ in told.append(reason.code) }
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        #expect(consumer.write(1) == .room)
        #expect(consumer.write(2) == .closed)
        #expect(producer.signals == [.stop])
        #expect(consumer.isScriptOver)
        #expect(told == [])
        clock.settle()
        #expect(told == [.cancelled])
        #expect(consumer.write(3) == .closed)
        #expect(consumer.write(contentsOf: [4, 5]) == .closed)
        #expect(consumer.snapshot.delivery.refused.elements == 3)
        #expect(consumer.elements == [1, 2])
    }

    @Test("A graceful end waits for what is held; a script that waits then says when it comes")
    func finish() {
        let consumer = consumer([.waits(turns: 3)])
        var told: (EndReason, Delivery)?
        consumer.onEnd = { told = ($0, $1) }
        consumer.write(1)
        consumer.finish()
        clock.runTurn()
        clock.runTurn()
        #expect(told == nil)
        clock.runTurn()
        #expect(told?.0.isOrderly == true)
        #expect(told?.1.isComplete == true)
    }

    @Test("What is held at an abort is dropped and counted")
    func abort() throws {
        let consumer = consumer([.waits(turns: 3)])
        consumer.write(contentsOf: [1, 2])
        #expect(!consumer.isScriptOver)
        consumer.abort(.cancelled)
        #expect(consumer.isScriptOver)
        clock.settle()
        #expect(consumer.snapshot.delivery.dropped == Delivery.Amount(elements: 2, weight: 2))
        try consumer.recorder.check("write-all 1 2 > abort cancelled")
    }
}
