import Penstock
import PenstockTesting
import Testing

@Suite("A consumer that records what passes between a source and another consumer")
struct RecordingConsumerTests {
    let clock = VirtualClock()
    let recorder = Recorder()

    func buffer() -> Buffer<Int> {
        Buffer<Int>(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock)
    }

    @Test("Calls and signals come in the order in which they happen, nested ones too")
    func order() throws {
        let buffer = buffer()
        let consumer = RecordingConsumer(buffer, recorder: recorder, name: "sink")
        let producer = StrictProducer(recorder: recorder, name: "source")
        producer.onResume = { consumer.write(9) }
        try consumer.registerProducer(producer)
        #expect(consumer.write(contentsOf: 1...4) == .room)
        #expect(consumer.write(5) == .full)
        for _ in 0..<3 { _ = buffer.take() }
        consumer.unregisterProducer()
        consumer.fail(EndReason(.lost))
        consumer.abort(.cancelled)
        #expect(consumer.write(6) == .closed)
        try recorder.check(
            "register push > write-all 1 2 3 4 > write 5 > pause > resume > write 9 > unregister > fail > abort cancelled > write 6",
            of: "sink"
        )
        try recorder.check("pause > resume", of: "source")
        #expect(consumer.snapshot.delivery.accepted.elements == 6)
    }

    @Test("C1.1 A second producer is refused, also the same one, and the first stays registered")
    func refused() throws {
        let consumer = RecordingConsumer(buffer(), recorder: recorder)
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        #expect(throws: RegistrationError.alreadyRegistered) { try consumer.registerProducer(producer) }
        #expect(throws: RegistrationError.alreadyRegistered) { try consumer.registerProducer(StrictPullProducer()) }
        consumer.finish()
        // In this phase the consumer tells the registered producer, which is refused, from a newcomer, which is stopped.
        #expect(throws: RegistrationError.alreadyRegistered) { try consumer.registerProducer(producer) }
        let newcomer = StrictProducer()
        try consumer.registerProducer(newcomer)
        #expect(newcomer.signals == [.stop])
        #expect(throws: RegistrationError.alreadyRegistered) { try consumer.registerProducer(producer) }
        #expect(producer.signals == [])
        let again = "register push > already registered"
        try recorder.check(
            "register push > \(again) > register pull > already registered > finish > \(again)"
                + " > register push > stop finished > \(again)"
        )
    }

    @Test("C1.9 The producer is released when it unregisters")
    func released() throws {
        let consumer = RecordingConsumer(buffer(), recorder: recorder)
        weak var producer: StrictPullProducer?
        do {
            let strong = StrictPullProducer()
            producer = strong
            try consumer.registerProducer(strong)
        }
        #expect(producer != nil)
        consumer.unregisterProducer()
        #expect(producer == nil)
        try recorder.check("register pull > ask > unregister")
    }
}
