import Penstock
import PenstockTesting
import Testing

@Suite("A consumer that counts and drops")
struct NullConsumerTests {
    let clock = VirtualClock()

    @Test("It counts elements and weight, holds nothing, and never pauses by itself")
    func counts() throws {
        let null = NullConsumer<Int>(weight: { $0 }, scheduler: clock)
        let producer = StrictProducer()
        try null.registerProducer(producer)
        #expect(null.write(1_000_000) == .room)
        #expect(null.write(contentsOf: [1, 2]) == .room)
        #expect(null.total == Delivery.Amount(elements: 3, weight: 1_000_003))
        #expect(null.snapshot.level == 0)
        #expect(producer.signals == [])
    }

    @Test("A hold pauses its producer, also one that comes while an element is handed on")
    func held() throws {
        let null = NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
        null.onElement = { if $0 == 2 { null.hold() } }
        let producer = StrictProducer()
        try null.registerProducer(producer)
        #expect(null.write(1) == .room)
        #expect(null.write(2) == .full)
        #expect(producer.signals == [.pause])
        null.release()
        #expect(producer.signals == [.pause, .resume])
    }

    @Test("C3.5, C6.5: aborted while elements are handed on, it drops the rest of the sequence")
    func abortedInside() {
        let null = NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
        var seen: [Int] = []
        null.onElement = {
            seen.append($0)
            if $0 == 2 { null.abort(.aborted) }
        }
        #expect(null.write(contentsOf: 1...5) == .closed)
        #expect(seen == [1, 2])
        #expect(null.snapshot.level == 0)
        #expect(null.snapshot.delivery.accepted.elements == 5)
        // What was shown has come out, the one in hand too.
        #expect(null.snapshot.delivery.dropped.elements == 3)
        #expect(null.snapshot.delivery.refused.elements == 0)
    }
}
