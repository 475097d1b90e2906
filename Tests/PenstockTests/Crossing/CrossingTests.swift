import Penstock
import PenstockTesting
import Testing

@Suite("A crossing between two isolation domains")
struct CrossingTests {
    let near = VirtualClock()
    let far = VirtualClock()
    let marks = Watermarks(low: 1, high: 3)

    func crossing() -> Crossing<Int> { Crossing(marks: marks, weight: { _ in 1 }, name: "bridge") }

    func buffer(_ marks: Watermarks = Watermarks(low: 1, high: 2)) -> Buffer<Int> {
        Buffer(marks: marks, weight: { _ in 1 }, scheduler: far)
    }

    func collector() -> Collector<Int> { Collector(cap: 100_000, weight: { _ in 1 }, scheduler: far) }

    /// Turns both until neither has anything left to do.
    func settle() {
        while !near.isSettled || !far.isSettled {
            near.settle()
            far.settle()
        }
    }

    @Test("C9.3: a source here, a consumer there: everything comes, in order, and both ends hear of the end")
    func wholeStream() throws {
        let crossing = crossing()
        let sink = collector()
        let consumer = try crossing.consumer(on: near)
        var told: [String] = []
        consumer.onEnd = { told.append("\($0): \($1)") }
        try crossing.source(on: far).attach(to: sink)
        try SequenceSource(1...100, scheduler: near).attach(to: consumer)
        settle()
        #expect(sink.elements == Array(1...100))
        #expect(sink.end?.code == .finished)
        #expect(told == ["finished: accepted 100 elements of weight 100, dropped 0 of weight 0, refused 0"])
    }

    @Test("C9.3: a handle of a source")
    func sourceHandle() throws {
        let sink = collector()
        let handle = try SourceHandle(
            SequenceSource(1...100, scheduler: near),
            marks: marks,
            weight: { _ in 1 },
            on: near
        )
        try handle.source(on: far).attach(to: sink)
        settle()
        #expect(sink.elements == Array(1...100))
        #expect(sink.end?.code == .finished)
    }

    @Test("C9.3: a handle of a consumer, for producers of another domain")
    func consumerHandle() throws {
        let sink = collector()
        let handle = try ConsumerHandle(sink, marks: marks, weight: { _ in 1 })
        try SequenceSource(1...100, scheduler: near).attach(to: handle.consumer(on: near))
        settle()
        #expect(sink.elements == Array(1...100))
        #expect(sink.end?.code == .finished)
    }

    @Test("C4.7, C9.3: a full consumer pauses the producer over there, with the marks and no more under way")
    func pausesTravel() throws {
        let crossing = crossing()
        let sink = buffer()
        try crossing.source(on: far).attach(to: sink)
        let consumer = try crossing.consumer(on: near)
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        var next = 0
        let produce = {
            while producer.state == .running {
                consumer.write(next)
                next += 1
            }
        }
        producer.onResume = produce
        produce()
        settle()
        // Three in the buffer, which wants no more, and four under way.
        #expect(sink.count == 3)
        #expect(next == 7)
        #expect(consumer.snapshot.level == 4)
        var read: [Int] = []
        for _ in 0..<100 {
            while let element = sink.take() { read.append(element) }
            settle()
        }
        #expect(read == Array(0..<read.count))
        #expect(read.count > 100)
        #expect(consumer.snapshot.peak == 4)
        #expect(sink.snapshot.peak == 3)
        #expect(producer.violations == [])
    }

    @Test("One wake-up for all that is written before the other domain looks, and none while its consumer is full")
    func wakeUps() throws {
        let wakes = BellBoardTests.Wakes()
        let reader = ManualScheduler(now: { .zero }, wake: { wakes.add() })
        let crossing = Crossing<Int>(marks: Watermarks(low: 0, high: 100), weight: { _ in 1 })
        let sink = NullConsumer<Int>(weight: { _ in 1 }, scheduler: reader)
        try crossing.source(on: reader).attach(to: sink)
        let consumer = try crossing.consumer(on: near)
        for number in 0..<50 { consumer.write(number) }
        #expect(wakes.value == 1)
        reader.runUntilIdle()
        #expect(sink.total.elements == 50)
        sink.hold()
        near.settle()
        for number in 50..<90 { consumer.write(number) }
        // The reader learns that something came, once, and leaves it there.
        #expect(wakes.value == 2)
        reader.runUntilIdle()
        for number in 90..<100 { consumer.write(number) }
        #expect(wakes.value == 2)
        sink.release()
        #expect(sink.total.elements == 100)
        near.settle()
        #expect(consumer.snapshot.level == 0)
    }

    @Test("A handle that is dropped unused stops its source, and ends its consumer")
    func unused() throws {
        var ended: EndReason.Code?
        do {
            let source = SequenceSource(1..., scheduler: near)
            _ = try SourceHandle(source, marks: marks, weight: { _ in 1 }, on: near) { ended = $0.end.code }
        }
        settle()
        #expect(ended == .lost)
        let sink = collector()
        do { _ = try crossing().source(on: far).attach(to: sink) }
        settle()
        #expect(sink.end?.code == .lost)
        let handle = try SourceHandle(SequenceSource(1..., scheduler: near), marks: marks, weight: { _ in 1 }, on: near)
        do { _ = try handle.source(on: far) }
        #expect(throws: RegistrationError.alreadyAttached) { try handle.source(on: far) }
    }

    @Test("C1.9: after the end nobody is kept, whichever end it was", arguments: [true, false])
    func released(isOrderly: Bool) throws {
        weak var here: CrossingConsumer<Int>?
        weak var there: CrossingSource<Int>?
        weak var between: Crossing<Int>?
        do {
            let crossing = crossing()
            let sink = collector()
            let (consumer, source) = (try crossing.consumer(on: near), try crossing.source(on: far))
            (here, there, between) = (consumer, source, crossing)
            try source.attach(to: sink)
            try SequenceSource(1...10, scheduler: near).attach(to: consumer)
            if !isOrderly { consumer.abort(.aborted) }
            settle()
        }
        #expect(here == nil && there == nil && between == nil)
    }

    @Test("C3.4: an element without content is not sent")
    func empty() throws {
        let crossing = Crossing<[UInt8]>(marks: Watermarks(low: 100, high: 1_000))
        let sink = Collector<[UInt8]>(cap: 10_000, scheduler: far)
        try crossing.source(on: far).attach(to: sink)
        let consumer = try crossing.consumer(on: near)
        consumer.write([])
        consumer.write([1])
        consumer.write(contentsOf: [[], [2], []])
        settle()
        #expect(sink.elements == [[1], [2]])
    }

    @Test("C10.3: a writer that does not obey meets the hard limit, and the consumer hears of it")
    func overflow() throws {
        let crossing = crossing()
        let sink = buffer()
        try crossing.source(on: far).attach(to: sink)
        let consumer = try crossing.consumer(on: near)
        for number in 0..<1_000 { consumer.write(number) }
        settle()
        #expect(consumer.snapshot.peak == 64 * 3 + 1)
        #expect(consumer.snapshot.phase == .ended)
        #expect(sink.snapshot.phase != .open)
        #expect(sink.gate.end?.code == .overflow)
    }

    @Test("C6.5: an abort is now: nothing more is delivered, not even while the producer is being stopped")
    func abortIsNow() throws {
        let crossing = crossing()
        let sink = collector()
        try crossing.source(on: far).attach(to: sink)
        let consumer = try crossing.consumer(on: near)
        let producer = StrictProducer()
        producer.onStop = { _ in far.settle() }
        try consumer.registerProducer(producer)
        consumer.write(contentsOf: [1, 2, 3])
        consumer.abort(.cancelled)
        settle()
        #expect(sink.elements == [])
        #expect(sink.end?.code == .cancelled)
        #expect(consumer.snapshot.delivery.dropped == Delivery.Amount(elements: 3, weight: 3))
    }

    @Test("C6.9: finished and let go of, it still tells its owner its end")
    func letGo() throws {
        let crossing = crossing()
        let sink = collector()
        var told: [EndReason.Code] = []
        do {
            let consumer = try crossing.consumer(on: near)
            consumer.onEnd = { reason, _ in told.append(reason.code) }
            consumer.write(1)
            consumer.finish()
        }
        try crossing.source(on: far).attach(to: sink)
        #expect(told == [])
        settle()
        #expect(told == [.finished])
        #expect(sink.elements == [1])
    }
}
