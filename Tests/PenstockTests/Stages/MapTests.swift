import Penstock
import PenstockTesting
import Testing

@Suite("C8: stages")
struct MapTests {
    let clock = VirtualClock()
    let marks = Watermarks(low: 2, high: 4)

    func map(_ transform: @escaping (Int) throws -> Int) -> Map<Int, Int> {
        Map(marks: marks, weight: { _ in 1 }, scheduler: clock, transform: transform)
    }

    @Test("C8.1: both sides keep the contract: upstream is paused while downstream is full, and resumed after")
    func bothSides() throws {
        let map = map { $0 * 10 }
        let buffer = Buffer<Int>(marks: marks, weight: { _ in 1 }, scheduler: clock)
        try map.attach(to: buffer)
        let producer = StrictProducer()
        try map.registerProducer(producer)
        for n in 1...5 { map.write(n) }
        #expect(producer.signals == [.pause])
        #expect(map.write(6) == .full)
        #expect(map.snapshot.level == 1)
        for n in 1...3 { #expect(buffer.take() == n * 10) }
        #expect(producer.signals == [.pause, .resume])
        for n in 4...6 { #expect(buffer.take() == n * 10) }
        #expect(producer.violations == [])
    }

    @Test("C8.1: without a consumer it holds, and passes on when there is one")
    func withoutConsumer() throws {
        let map = map { $0 }
        let producer = StrictProducer()
        try map.registerProducer(producer)
        #expect(producer.signals == [.pause])
        map.write(1)
        let sink = Collector<Int>(cap: 10, weight: { _ in 1 }, scheduler: clock)
        try map.attach(to: sink)
        #expect(sink.elements == [1])
        #expect(producer.signals == [.pause, .resume])
    }

    @Test("C8.3: an error of the transformation stops upstream and fails downstream with the original error")
    func failure() throws {
        let map = map { if $0 == 3 { throw TestFailure() } else { $0 } }
        let sink = Collector<Int>(cap: 10, weight: { _ in 1 }, scheduler: clock)
        try map.attach(to: sink)
        let producer = StrictProducer()
        try map.registerProducer(producer)
        map.write(contentsOf: [1, 2, 3, 4])
        clock.settle()
        #expect(sink.elements == [1, 2])
        #expect(sink.end?.error as? TestFailure == TestFailure())
        #expect(producer.signals.last == .stop)
        #expect(producer.stopReason?.error as? TestFailure == TestFailure())
        #expect(map.snapshot.delivery.dropped == Delivery.Amount(elements: 2, weight: 2))
        #expect(producer.violations == [])
    }

    @Test("C8.3: the end flushes what is held, then ends downstream")
    func flushes() throws {
        let map = map { $0 }
        map.write(contentsOf: [1, 2, 3])
        map.finish()
        let sink = Collector<Int>(cap: 10, weight: { _ in 1 }, scheduler: clock)
        try map.attach(to: sink)
        #expect(sink.elements == [1, 2, 3])
        #expect(sink.end?.code == .finished)
    }

    @Test("C8.1: a consumer that ends stops the producer in front of the stage")
    func downstreamEnds() throws {
        let map = map { $0 }
        let sink = Collector<Int>(cap: 2, weight: { _ in 1 }, scheduler: clock)
        try map.attach(to: sink)
        var results: [FlowResult] = []
        try SequenceSource(1...10, scheduler: clock).attach(to: map, atEnd: .finish, done: { results.append($0) })
        clock.settle()
        #expect(sink.elements == [1, 2])
        #expect(sink.end?.code == .overflow)
        #expect(results.first?.end.code == .overflow)
        #expect(map.gate.end?.code == .overflow)
    }

    @Test("C3.7: a write from inside the transformation or a delivery does not overtake")
    func nestedWrites() throws {
        var stage: Map<Int, Int>?
        let map = map { number in
            if number == 1 { stage?.write(2) }
            return number
        }
        stage = map
        let sink = NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
        var seen: [Int] = []
        sink.onElement = {
            seen.append($0)
            if $0 == 2 { map.write(3) }
        }
        try map.attach(to: sink)
        map.write(1)
        #expect(seen == [1, 2, 3])
        #expect(map.snapshot.level == 0)
    }
}
