import Penstock
import PenstockTesting
import Testing

@Suite("C5.6: a pull producer adapted to push")
struct PushFromPullTests {
    let clock = VirtualClock()
    let adapter: PushFromPull<Int>
    let puller = ScriptedPuller()

    init() {
        adapter = PushFromPull(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock)
    }

    @Test("B28: paused it asks nothing, resumed it goes on")
    func pauses() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock)
        puller.onAsk = { [adapter] in adapter.write($0) }
        try adapter.registerProducer(puller)
        #expect(puller.questions == 0)
        try adapter.attach(to: buffer)
        clock.settle()
        #expect(puller.questions == 5)
        #expect(buffer.count == 5)
        _ = buffer.take()
        clock.settle()
        #expect(puller.questions == 5)
        for _ in 0..<2 { _ = buffer.take() }
        clock.settle()
        #expect(puller.questions == 8)
        #expect(buffer.snapshot.peak == 5)
    }

    @Test("B29, B31: stopped by its consumer it stops the pull producer once, however often it is stopped itself")
    func stops() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock)
        puller.onAsk = { [adapter] in adapter.write($0) }
        try adapter.registerProducer(puller)
        try adapter.attach(to: buffer)
        buffer.abort(.cancelled)
        #expect(puller.stops.map(\.code) == [.cancelled])
        let asked = puller.questions
        adapter.stopProducing(.aborted)
        adapter.resumeProducing()
        clock.settle()
        #expect(puller.stops.count == 1)
        #expect(puller.questions == asked)
    }

    @Test("B32, C4.5: two pauses and one resume, and it runs again")
    func doesNotCount() throws {
        let sink = Collector<Int>(cap: 1_000, weight: { _ in 1 }, scheduler: clock)
        try adapter.attach(to: sink)
        adapter.pauseProducing()
        adapter.pauseProducing()
        try adapter.registerProducer(puller)
        #expect(puller.questions == 0)
        adapter.resumeProducing()
        #expect(puller.questions == 1)
        adapter.write(1)
        #expect(sink.elements == [1])
    }

    @Test("B33: everything arrives in order, and the completion is signalled")
    func deliversEverything() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock)
        var results: [FlowResult] = []
        try SequenceSource(1...1_000, scheduler: clock).attach(
            to: adapter,
            atEnd: .finish,
            done: { results.append($0) }
        )
        try adapter.attach(to: buffer)
        var taken: [Int] = []
        while buffer.end == nil {
            while let element = buffer.take() { taken.append(element) }
            clock.runTurn()
        }
        #expect(taken == Array(1...1_000))
        #expect(results.map(\.isComplete) == [true])
        #expect(buffer.end?.code == .finished)
    }

    @Test("C5.6, C4.1: it is a push producer of its consumer: never an element after a pause")
    func noSkid() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 0, high: 2), weight: { _ in 1 }, scheduler: clock)
        try SequenceSource(1...100, scheduler: clock).attach(to: adapter)
        try adapter.attach(to: buffer)
        while buffer.end == nil {
            while buffer.take() != nil {}
            clock.runTurn()
        }
        #expect(buffer.snapshot.peak == 3)
        #expect(buffer.snapshot.delivery.accepted.elements == 100)
    }

    @Test("C5.5: its questions stay within the budget of a turn")
    func keepsToBudget() throws {
        let heavy = PushFromPull<Int>(marks: .bytes, weight: { _ in 1 << 10 }, scheduler: clock)
        let sink = NullConsumer<Int>(weight: { _ in 1 << 10 }, scheduler: clock)
        try heavy.attach(to: sink)
        puller.onAsk = { heavy.write($0) }
        try heavy.registerProducer(puller)
        #expect(sink.total.elements <= (1 << 10) + 4)
        clock.runTurn()
        #expect(sink.total.elements > 1 << 10)
        sink.abort(.aborted)
        #expect(clock.settle(turns: 3))
    }
}
