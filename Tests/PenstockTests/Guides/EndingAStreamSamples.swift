import Penstock
import PenstockTesting
import Testing

@Suite("The samples of the guide to the end of a stream")
struct EndingAStreamSamples {
    @Test func ends() {
        let clock = VirtualClock()
        let consumer = Buffer<Int>(marks: Watermarks(low: 1, high: 2), weight: { _ in 1 }, scheduler: clock)
        let log = Recorder()
        Self.finish(consumer) { log.record($0) }
        #expect(log.calls == [])
        #expect(consumer.take() == 1)
        clock.settle()
        #expect(log.calls == ["complete"])
        let second = Buffer<Int>(marks: Watermarks(low: 1, high: 2), weight: { _ in 1 }, scheduler: clock)
        Self.fail(second)
        #expect(second.take() == 1)
        #expect(second.end?.error is TestFailure)
        let third = Buffer<Int>(marks: Watermarks(low: 1, high: 2), weight: { _ in 1 }, scheduler: clock)
        Self.abort(third)
        #expect(third.end?.detail == "the user closed the window")
    }

    @Test func halfCloses() {
        let clock = VirtualClock()
        let transport = TestTransport(scheduler: clock)
        Self.halfClose(transport)
        clock.settle()
        #expect(transport.snapshot.delivery.accepted.elements == 1)
    }

    private static func finish(_ consumer: Buffer<Int>, log: @escaping (String) -> Void) {
        consumer.whenEnded { reason, delivery in
            log(delivery.isComplete ? "complete" : "\(reason): \(delivery)")
        }
        consumer.write(1)
        consumer.finish()
    }

    private static func fail(_ consumer: Buffer<Int>) {
        consumer.write(1)
        consumer.fail(TestFailure())
    }

    private static func abort(_ consumer: Buffer<Int>) {
        consumer.write(1)
        consumer.abort(EndReason(.aborted, detail: "the user closed the window"))
    }

    private static func halfClose(_ transport: TestTransport) {
        transport.write([1, 2, 3])
        transport.finishWriting()
    }
}
