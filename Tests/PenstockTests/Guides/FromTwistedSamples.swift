import Penstock
import PenstockTesting
import Testing

@Suite("The samples of the guide for those who know Twisted")
struct FromTwistedSamples {
    @Test func register() throws {
        let clock = VirtualClock()
        let consumer = Buffer<Int>(marks: Watermarks(low: 1, high: 2), weight: { _ in 1 }, scheduler: clock)
        try Self.register(StrictProducer(), with: consumer)
        #expect(consumer.end?.code == .finished)
        let other = Collector<Int>(cap: 100, weight: { _ in 1 }, scheduler: clock)
        try Self.attach(Countdown(from: 3, scheduler: clock), to: other)
        #expect(other.elements == [2, 1, 0])
    }

    private static func register(_ producer: StrictProducer, with transport: Buffer<Int>) throws {
        try transport.registerProducer(producer)
        // … the producer has written everything
        transport.unregisterProducer()
        transport.finish()
    }

    private static func attach(_ source: Countdown, to transport: Collector<Int>) throws {
        try source.attach(to: transport) { result in
            print(result.isComplete ? "done" : "cut short: \(result.end)")
        }
    }
}
