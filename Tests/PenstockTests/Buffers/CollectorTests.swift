import Penstock
import PenstockTesting
import Testing

@Suite("Everything gathered, up to a cap")
struct CollectorTests {
    let clock = VirtualClock()

    func collector(cap: Int) -> Collector<Int> { Collector(cap: cap, weight: { $0 }, scheduler: clock) }

    @Test("It gathers up to exactly its cap, and never pauses")
    func upToCap() throws {
        let collector = collector(cap: 10)
        let producer = StrictProducer()
        try collector.registerProducer(producer)
        #expect(collector.write(4) == .room)
        #expect(collector.write(contentsOf: [1, 5]) == .room)
        #expect(collector.elements == [4, 1, 5])
        #expect(collector.weight == 10)
        #expect(collector.snapshot.level == 0)
        #expect(producer.signals == [])
    }

    @Test("A write beyond the cap ends the stream with overflow; what was gathered stays, the rest is counted")
    func beyondCap() throws {
        let collector = collector(cap: 10)
        let producer = StrictProducer()
        try collector.registerProducer(producer)
        var told: [EndReason.Code] = []
        collector.onEnd = { reason, _ in told.append(reason.code) }
        #expect(collector.write(contentsOf: [4, 5, 2, 1]) == .closed)
        clock.settle()
        #expect(collector.elements == [4, 5])
        #expect(collector.end?.code == .overflow)
        #expect(producer.signals == [.stop])
        #expect(told == [.overflow])
        #expect(collector.snapshot.delivery.accepted == Delivery.Amount(elements: 2, weight: 9))
        #expect(collector.snapshot.delivery.refused == Delivery.Amount(elements: 2, weight: 3))
        #expect(collector.snapshot.delivery.dropped == .none)
        #expect(collector.write(1) == .closed)
    }

    @Test("C0: a weight below 1 is a precondition failure, alone or in a sequence")
    func weights() async {
        await #expect(processExitsWith: .failure) {
            Collector<Int>(cap: 10, weight: { $0 }, scheduler: VirtualClock()).write(0)
        }
        await #expect(processExitsWith: .failure) {
            Buffer<Int>(marks: .bytes, weight: { $0 }, scheduler: VirtualClock()).write(0)
        }
        await #expect(processExitsWith: .failure) {
            Buffer<Int>(marks: .bytes, weight: { $0 }, scheduler: VirtualClock()).write(contentsOf: [0, 5])
        }
    }
}
