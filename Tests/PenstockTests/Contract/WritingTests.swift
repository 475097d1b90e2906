import Penstock
import PenstockTesting
import Testing

@Suite("C3: writing")
struct WritingTests {
    let clock = VirtualClock()

    func buffer(low: Int = 2, high: Int = 4) -> Buffer<Int> {
        Buffer(marks: Watermarks(low: low, high: high), weight: { $0 }, scheduler: clock)
    }

    @Test("C3.1: the answer says whether there is room; exactly at the high mark is room, and full is not refused")
    func answers() {
        let buffer = buffer()
        #expect(buffer.write(3) == .room)
        #expect(buffer.write(1) == .room)
        #expect(buffer.write(1) == .full)
        #expect(buffer.write(2) == .full)
        #expect(buffer.count == 4)
        #expect(buffer.snapshot.delivery.accepted == Delivery.Amount(elements: 4, weight: 7))
        buffer.gate.drain(weight: 0)
        _ = buffer.take()
        #expect(buffer.snapshot.level == 4)
        buffer.hold()
        #expect(buffer.write(1) == .full)
        #expect(buffer.count == 4)
    }

    @Test(
        "B6, C3.2: a write after the end is dropped, counted and answered with closed",
        arguments: ConsumerKind.allCases
    )
    func closedAfterEnd(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        consumer.write(1)
        consumer.abort(.aborted)
        #expect(consumer.write(2) == .closed)
        #expect(consumer.write(contentsOf: [3, 4]) == .closed)
        #expect(consumer.snapshot.delivery.refused == Delivery.Amount(elements: 3, weight: 3))
        #expect(consumer.snapshot.delivery.accepted.elements == 1)
    }

    @Test("C3.2: a write while draining is dropped, counted and answered with closed", arguments: ConsumerKind.holding)
    func closedWhileDraining(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        consumer.write(1)
        consumer.finish()
        #expect(consumer.snapshot.phase == .draining)
        #expect(consumer.write(2) == .closed)
        #expect(consumer.write(contentsOf: [3, 4]) == .closed)
        #expect(consumer.snapshot.delivery.refused == Delivery.Amount(elements: 3, weight: 3))
        #expect(consumer.snapshot.level == 1)
    }

    @Test("C3.3: what others write counts, pauses the producer, and answers the open question of a pull producer")
    func anyoneMayWrite() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.write(5)
        #expect(producer.signals == [.pause])
        buffer.unregisterProducer()
        producer.unregistered()
        _ = buffer.take()

        let puller = ScriptedPuller()
        try buffer.registerProducer(puller)
        #expect(puller.questions == 1)
        buffer.write(1)
        #expect(puller.questions == 2)
    }

    @Test("B35, C3.5: a sequence is one decision: everything is taken, then one pause", arguments: ConsumerKind.holding)
    func sequenceIsOneDecision(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        let producer = StrictProducer()
        if kind != .unattachedMap { try consumer.registerProducer(producer) }
        producer.onPause = {
            #expect(consumer.snapshot.level == 20)
            // Behind the whole sequence, not in the middle of it.
            consumer.write(21)
        }
        #expect(consumer.write(contentsOf: 1...20) == .full)
        if kind != .unattachedMap { #expect(producer.signals == [.pause]) }
        #expect(consumer.snapshot.delivery.accepted.elements == (kind == .unattachedMap ? 20 : 21))
        if let buffer = consumer as? Buffer<Int> {
            for n in 1...21 { #expect(buffer.take() == n) }
            #expect(producer.signals == [.pause, .resume])
        }
    }

    @Test("B22, C3.5: a sequence that can be read only once arrives whole", arguments: ConsumerKind.allCases)
    func oneShotSequence(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        var next = 0
        let oneShot = AnyIterator<Int> {
            next += 1
            return next <= 10 ? next : nil
        }
        consumer.write(contentsOf: oneShot)
        #expect(consumer.snapshot.delivery.accepted == Delivery.Amount(elements: 10, weight: 10))
        #expect(next == 11)
    }

    @Test("B7, C3.5: only sequences written: the other side gets them one after the other")
    func concatenation() throws {
        let (left, right) = Duplex<Int>.pair(
            marks: Watermarks(low: 2, high: 4),
            weight: { _ in 1 },
            scheduler: clock
        )
        let sink = Collector<Int>(cap: 100, weight: { _ in 1 }, scheduler: clock)
        try right.attach(to: sink)
        left.write(contentsOf: [1, 2, 3])
        left.write(contentsOf: [])
        left.write(contentsOf: [4])
        left.finish()
        clock.settle()
        #expect(sink.elements == [1, 2, 3, 4])
        #expect(sink.end?.code == .finished)
    }

    @Test("C3.5: an empty sequence changes nothing, and does not answer a question")
    func emptySequence() throws {
        let buffer = buffer()
        let puller = ScriptedPuller()
        try buffer.registerProducer(puller)
        #expect(buffer.write(contentsOf: []) == .room)
        clock.settle()
        #expect(puller.questions == 1)
        #expect(buffer.snapshot.isAsked)
    }

    @Test("C3.5, C3.7: what a producer writes inside a signal comes behind the sequence", arguments: [true, false])
    func sequenceIsNotInterrupted(byQuestion: Bool) throws {
        let collector = Collector<Int>(cap: 100, weight: { _ in 1 }, scheduler: clock)
        var seen: [Int] = []
        let null = NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
        null.onElement = { seen.append($0) }
        for consumer in [collector, null] as [any GatedConsumer<Int>] {
            let puller = ScriptedPuller()
            let producer = StrictProducer()
            if byQuestion {
                // The first question is answered late, by the sequence; the next one at once.
                puller.onAsk = { if $0 == 2 { consumer.write(9) } }
                try consumer.registerProducer(puller)
            } else {
                // A bucket without tokens pauses inside the write.
                producer.onPause = { consumer.write(9) }
                try consumer.registerProducer(producer)
                consumer.gate.add(TokenBucket(rate: 1, burst: 1, scheduler: clock))
            }
            consumer.write(contentsOf: [1, 2, 3])
        }
        #expect(collector.elements == [1, 2, 3, 9])
        #expect(seen == [1, 2, 3, 9])
    }

    @Test("C3.7: what a producer writes inside a meter's pause does not overtake in a stage", arguments: [true, false])
    func meterDoesNotReorder(byAccount: Bool) throws {
        let map = Map<Int, Int>(
            marks: Watermarks(low: 10, high: 20),
            weight: { _ in 1 },
            scheduler: clock,
            transform: { $0 }
        )
        let sink = Collector<Int>(cap: 100, weight: { _ in 1 }, scheduler: clock)
        try map.attach(to: sink)
        let meter: any Meter =
            byAccount ? Account(limit: 0) : TokenBucket(rate: 1, burst: 1, scheduler: clock)
        map.gate.add(meter)
        let producer = StrictProducer()
        producer.onPause = { map.write(2) }
        try map.registerProducer(producer)
        map.write(1)
        clock.advance(by: .seconds(10))
        #expect(sink.elements == [1, 2])
        #expect(producer.violations == [])
    }

    @Test("C3.6: an element heavier than the high mark is taken, and the flow goes on behind it")
    func heavyElement() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        #expect(buffer.write(1_000) == .full)
        #expect(producer.signals == [.pause])
        #expect(buffer.take() == 1_000)
        #expect(producer.signals == [.pause, .resume])
        #expect(buffer.end == nil)
    }

    @Test("B21, C4.6: only what is outstanding counts")
    func outstandingOnly() throws {
        let buffer = Buffer<Int>(marks: .bytes, weight: { $0 }, scheduler: clock)
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        for _ in 0..<61 { buffer.write(1_000) }
        for _ in 0..<60 { _ = buffer.take() }
        for _ in 0..<5 { #expect(buffer.write(1_000) == .room) }
        #expect(buffer.snapshot.level == 6_000)
        #expect(producer.signals == [])
    }

    @Test("C10.3: a write made above the hard limit ends the stream with overflow; nothing less does")
    func overflow() throws {
        let buffer = buffer()
        let log = EdgeLog()
        buffer.observer = log
        var ended: [(EndReason, Delivery)] = []
        buffer.onEnd = { ended.append(($0, $1)) }
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        #expect(buffer.gate.limit == 256)
        // One element, however heavy, never meets the limit by itself, and 256 is not above it.
        #expect(buffer.write(256) == .full)
        #expect(buffer.write(1_000) == .full)
        #expect(buffer.write(1) == .closed)
        #expect(buffer.end?.code == .overflow)
        let detail = try #require(buffer.end?.detail)
        #expect(detail.contains("1256") && detail.contains("256"))
        #expect(producer.signals == [.pause, .stop])
        clock.settle()
        #expect(ended.count == 1)
        #expect(ended.first?.1.dropped == Delivery.Amount(elements: 2, weight: 1_256))
        #expect(ended.first?.1.refused == Delivery.Amount(elements: 1, weight: 1))
    }

    @Test("C10.3, C8.5: a sequence that meets the hard limit is counted whole")
    func overflowBySequence() {
        let buffer = buffer()
        buffer.write(1_000)
        #expect(buffer.write(contentsOf: [1, 2, 3]) == .closed)
        #expect(buffer.snapshot.delivery.refused == Delivery.Amount(elements: 3, weight: 6))
    }

    @Test("C10.3: without a limit nothing overflows, and raised marks raise a limit that nobody chose")
    func limitFollowsMarks() {
        let buffer = buffer()
        buffer.marks = Watermarks(low: 1_000, high: 2_000)
        #expect(buffer.gate.limit == 128_000)
        for _ in 0..<100 { #expect(buffer.write(10) == .room) }
        let chosen = self.buffer()
        chosen.gate.limit = 7
        chosen.marks = Watermarks(low: 1_000, high: 2_000)
        #expect(chosen.gate.limit == 7)
        chosen.gate.limit = nil
        for _ in 0..<100 { chosen.write(1_000) }
        #expect(chosen.end == nil)
    }
}
