import Penstock
import PenstockTesting

/// One half of a pair in memory; its peer is the other half, and the kernel between the two is the lane.
enum DuplexSubject {
    static var left: TransportSuite<[UInt8]> { suite("Duplex, the left half") { $0 } }
    static var right: TransportSuite<[UInt8]> { suite("Duplex, the right half") { ($0.right, $0.left) } }

    private typealias Pair = (left: Duplex<[UInt8]>, right: Duplex<[UInt8]>)

    private static func suite(_ name: String, _ choose: @escaping (Pair) -> Pair) -> TransportSuite<[UInt8]> {
        TransportSuite(name, traits: TransportTraits(holdsInput: false, lingers: false)) { setup in
            guard setup.isConnected else { throw NotApplicable("a pair in memory is connected from the beginning") }
            guard setup.allowsHalfClosure else { throw NotApplicable("the sides of a pair in memory always end apart") }
            let clock = VirtualClock()
            let pair = choose(
                Duplex.pair(marks: setup.marks, weight: { (bytes: [UInt8]) in bytes.count }, scheduler: clock)
            )
            return subject(pair.left, pair.right, clock, setup)
        }
    }

    private static func subject(
        _ transport: Duplex<[UInt8]>,
        _ other: Duplex<[UInt8]>,
        _ clock: VirtualClock,
        _ setup: TransportSetup
    ) -> TransportUnderTest<[UInt8]> {
        transport.gate.limit = setup.limit
        let reader = LaneReader(scheduler: clock)
        var writeEnd = TransportPeer.WriteEnd.open
        other.onInboundEnd = { writeEnd = $0.isOrderly ? .finished : .reset }
        let peer = TransportPeer(
            send: { bytes in
                guard other.snapshot.level <= setup.marks.high else { return 0 }
                return other.write(bytes) == .closed ? 0 : bytes.count
            },
            finish: { other.finishWriting() },
            reset: { other.abort(.cancelled) },
            take: { count in
                try reader.attachOnce(to: other)
                reader.allow(count)
            },
            received: { reader.received },
            taken: { reader.received.count },
            writeEnd: { writeEnd }
        )
        var subject = TransportUnderTest(
            transport,
            clock: TrialClock(clock),
            peer: peer,
            element: { $0 },
            bytes: { $0 }
        )
        let observer = SecondErrors()
        transport.observer = observer
        subject.onEnd = { transport.onEnd = $0 }
        subject.onInboundEnd = { transport.onInboundEnd = $0 }
        subject.onSecondError = { observer.tell = $0 }
        // Elements cross whole, and the peer of every check sends units of the same size.
        subject.discarded = { transport.discarded * TransportTraits().unit }
        return subject
    }
}

/// Reads elements as long as it has credit for bytes.
private final class LaneReader: Consumer {
    private(set) var received: [UInt8] = []
    private var credit = 0
    private var producer: (any PushProducer)?
    private var isAttached = false

    func attachOnce(to source: Duplex<[UInt8]>) throws(RegistrationError) {
        guard !isAttached else { return }
        isAttached = true
        try source.attach(to: self, atEnd: .leaveOpen, done: { _ in })
    }

    func allow(_ count: Int) {
        credit = count == .max ? .max / 2 : credit + count
        if credit > 0 { producer?.resumeProducing() }
    }

    func registerProducer(_ producer: any PushProducer) {
        self.producer = producer
        if credit <= 0 { producer.pauseProducing() }
    }

    func registerProducer(_ producer: any PullProducer) {}

    func unregisterProducer() { producer = nil }

    func write(_ element: consuming [UInt8]) -> WriteOutcome {
        credit -= element.count
        received += element
        guard credit <= 0 else { return .room }
        producer?.pauseProducing()
        return .full
    }

    func write(contentsOf elements: some Sequence<[UInt8]>) -> WriteOutcome {
        for element in elements { _ = write(element) }
        return credit > 0 ? .room : .full
    }

    func finish() {}
    func fail(_ error: any Error) {}
    func abort(_ reason: EndReason) {}
    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {}
    var snapshot: FlowSnapshot { FlowSnapshot(name: "lane reader") }
    let scheduler: any Scheduler

    init(scheduler: any Scheduler) { self.scheduler = scheduler }
}
