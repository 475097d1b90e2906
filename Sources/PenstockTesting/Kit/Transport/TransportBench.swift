import Penstock

/// A transport under test in the hands of a check: every call goes through here and is written down.
final class TransportBench<Element> {
    let subject: TransportUnderTest<Element>
    let traits: TransportTraits
    let setup: TransportSetup
    let recorder: Recorder

    /// What the owner was told.
    private(set) var ends: [(reason: EndReason, delivery: Delivery)] = []
    private(set) var inboundEnds: [EndReason] = []
    private(set) var closes: [EndReason] = []
    private(set) var secondErrors: [EndReason] = []
    /// Called inside the end of the outbound side.
    var onEnd: (() -> Void)?
    /// Called inside the end of the inbound side.
    var onInboundEnd: (() -> Void)?

    /// The bytes that were accepted, in their order.
    private(set) var accepted: [UInt8] = []
    /// Where each accepted element ends among them.
    private(set) var bounds: [Int] = []
    /// What the peer has sent and got rid of.
    private(set) var arrived: [UInt8] = []
    /// The consumers that were attached, in their order.
    private(set) var inlets: [TransportInlet<Element>] = []

    private var producers: [StrictProducer] = []
    private var pullers: [StrictPullProducer] = []
    /// Signals that a strict producer calls illegal and that the check has brought about itself.
    var pardoned: Set<String> = []

    init(_ subject: TransportUnderTest<Element>, traits: TransportTraits, setup: TransportSetup, recorder: Recorder) {
        self.subject = subject
        self.traits = traits
        self.setup = setup
        self.recorder = recorder
        subject.onEnd? { [weak self] reason, delivery in
            guard let self else { return }
            recorder.record("end \(reason.code)")
            ends.append((reason, delivery))
            onEnd?()
        }
        subject.onInboundEnd? { [weak self] reason in
            guard let self else { return }
            recorder.record("inbound end \(reason.code)")
            inboundEnds.append(reason)
            onInboundEnd?()
        }
        subject.onClose? { [weak self] reason in
            guard let self else { return }
            recorder.record("close \(reason.code)")
            closes.append(reason)
        }
        subject.onSecondError? { [weak self] reason in
            guard let self else { return }
            recorder.record("second error \(reason.code)")
            secondErrors.append(reason)
        }
    }

    var transport: any Transport<Element> { subject.transport }
    var peer: TransportPeer { subject.peer }
    var clock: TrialClock { subject.clock }
    var unit: Int { traits.unit }
    var weight: Int { traits.unit + traits.overhead }
    var level: Int { transport.snapshot.level }
    var delivery: Delivery { transport.snapshot.delivery }
    var phase: FlowControl.Phase { transport.snapshot.phase }

    // MARK: The outbound side

    /// Writes an element of this many bytes, a unit by default.
    @discardableResult
    func write(_ count: Int? = nil) -> WriteOutcome {
        let count = count ?? unit
        recorder.record("write \(count)")
        let start = accepted.count
        let before = delivery.accepted.elements
        let content = (start..<start + count).map(Self.byte)
        // Before the call, because a signal inside it may write more.
        accepted += content
        bounds.append(accepted.count)
        let outcome = transport.write(subject.element(content))
        if outcome == .closed, delivery.accepted.elements == before {
            accepted.removeLast(accepted.count - start)
            bounds.removeLast()
        }
        return outcome
    }

    /// Writes units until there is no room, and answers how many.
    @discardableResult
    func writeUntilFull() throws -> Int {
        for count in 1...10_000 where write() != .room { return count }
        throw TrialFailure("10000 elements of \(unit) bytes did not fill it up to its high mark of \(setup.marks.high)")
    }

    /// Writes units until the kernel takes no more, so that something is held.
    func block() async throws {
        // A network sends a little more now and then although the peer takes nothing, so more than that must be held.
        let (batch, enough) = clock.isReal ? (6, 2 * weight) : (1, 0)
        for _ in 0..<10_000 {
            for _ in 1...batch where write() == .closed {
                throw TrialFailure("it has ended before its kernel was full")
            }
            await settle()
            if level > enough { return }
        }
        throw NotApplicable("its kernel takes everything")
    }

    @discardableResult
    func register() throws -> StrictProducer {
        let producer = StrictProducer(recorder: recorder)
        producers.append(producer)
        recorder.record("register push")
        try transport.registerProducer(producer)
        return producer
    }

    @discardableResult
    func registerPull(onAsk: ((StrictPullProducer) -> Void)? = nil) throws -> StrictPullProducer {
        let producer = StrictPullProducer(recorder: recorder)
        pullers.append(producer)
        if let onAsk { producer.onAsk = { [unowned producer] in onAsk(producer) } }
        recorder.record("register pull")
        try transport.registerProducer(producer)
        return producer
    }

    func unregister(_ producer: StrictProducer) {
        recorder.record("unregister")
        producer.unregistered()
        transport.unregisterProducer()
    }

    func unregister(_ producer: StrictPullProducer) {
        recorder.record("unregister")
        producer.unregistered()
        transport.unregisterProducer()
    }

    func finish(within deadline: Duration?) {
        recorder.record("finish")
        for inlet in inlets { inlet.isEndedLocally = true }
        transport.finish(within: deadline)
    }

    /// Finishes with a deadline that no check reaches.
    func finish() { finish(within: traits.patience * 1000) }

    func finishWriting() {
        recorder.record("finish writing")
        transport.finishWriting()
    }

    func fail(_ error: any Error = TransportError.first) {
        recorder.record("fail")
        transport.fail(error)
    }

    func abort(_ reason: EndReason = .cancelled) {
        recorder.record("abort \(reason.code)")
        transport.abort(reason)
    }

    // MARK: The inbound side

    /// Attaches a consumer.
    @discardableResult
    func receive(
        startsPaused: Bool = false,
        atEnd: EndPolicy = .finish,
        onElement: ((TransportInlet<Element>) -> Void)? = nil
    ) throws -> TransportInlet<Element> {
        let inlet = TransportInlet<Element>(
            startsPaused: startsPaused,
            scheduler: clock.scheduler,
            recorder: recorder,
            bytes: subject.bytes
        )
        if let onElement { inlet.onElement = { [unowned inlet] in onElement(inlet) } }
        inlets.append(inlet)
        recorder.record("attach")
        try transport.attach(to: inlet, atEnd: atEnd, done: { _ in })
        return inlet
    }

    // MARK: The peer

    /// The peer sends units, and answers how many bytes went.
    @discardableResult
    func peerSends(units: Int = 1) async throws -> Int {
        var count = 0
        for _ in 0..<units {
            let content = (arrived.count..<arrived.count + unit).map(Self.byte)
            recorder.record("peer sends \(unit)")
            // Before the call, because it may be delivered inside.
            arrived += content
            let sent = try await peer.send(content)
            if sent < unit { arrived.removeLast(unit - sent) }
            count += sent
            guard sent == unit else { break }
        }
        return count
    }

    func peerFinishes() async throws {
        recorder.record("peer finishes")
        try await peer.finish()
    }

    func peerResets() async throws {
        recorder.record("peer resets")
        try await peer.reset()
    }

    func peerTakes(_ count: Int = .max) async throws {
        recorder.record(count == .max ? "peer takes all" : "peer takes \(count)")
        try await peer.take(count)
        await settle()
    }

    func connect() async throws {
        guard let connect = peer.connect else { throw NotApplicable("it is connected from the beginning") }
        recorder.record("connect")
        try await connect()
        await settle()
    }

    // MARK: Time

    func settle() async { await clock.settle() }

    /// Lets this many whiles pass.
    func wait(_ count: Int) async { await clock.advance(traits.patience * count) }

    /// Settles until something holds, for a while that only a hang reaches.
    func eventually(_ what: @autoclosure () -> String, _ condition: () async throws -> Bool) async throws {
        await settle()
        let start = clock.scheduler.now
        while !(try await condition()) {
            guard clock.isReal, clock.scheduler.now - start < .seconds(10) else {
                throw TrialFailure("\(what()) was expected, and it did not come")
            }
            await clock.advance(.milliseconds(1))
            await settle()
        }
    }

    /// Closes the connection; nothing that comes of it is looked at.
    func close() async {
        onEnd = nil
        onInboundEnd = nil
        for inlet in inlets {
            inlet.onElement = nil
            inlet.onEnd = nil
        }
        for producer in producers {
            producer.onPause = nil
            producer.onResume = nil
            producer.onStop = nil
        }
        for puller in pullers {
            puller.onAsk = nil
            puller.onStop = nil
        }
        await subject.close()
    }

    /// What no transport may ever do.
    func audit() async throws {
        await settle()
        for violation in producers.flatMap(\.violations) + pullers.flatMap(\.violations)
        where !pardoned.contains(violation) { throw TrialFailure("a signal was illegal: \(violation)") }
        if let violation = inlets.flatMap(\.violations).first { throw TrialFailure(violation) }
        let got = await peer.received()
        try expect(accepted.starts(with: got), "the peer got other bytes than were accepted, or in another order")
        let delivered = inlets.flatMap(\.received)
        try expect(
            arrived.starts(with: delivered),
            "the consumer got other bytes than the peer sent, or in another order"
        )
        try expect(ends.count <= 1, "the end of the outbound side was told \(ends.count) times")
        try expect(inboundEnds.count <= 1, "the end of the inbound side was told \(inboundEnds.count) times")
        try expect(closes.count <= 1, "that the connection is over was told \(closes.count) times")
    }

    private static func byte(_ offset: Int) -> UInt8 { UInt8(truncatingIfNeeded: offset &+ offset >> 8) }
}

/// The errors that checks fail a transport with.
enum TransportError: Error, Hashable {
    case first, second
}

@available(*, unavailable)
extension TransportBench: Sendable {}
