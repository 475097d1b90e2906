import Penstock

/// The consumer of what comes in, which pauses, resumes and ends when a check says so, and writes down what it gets.
final class TransportInlet<Element>: Consumer {
    private(set) var received: [UInt8] = []
    /// How the inbound stream ended here; nil while it has not.
    private(set) var end: EndReason?
    private(set) var isPaused = false
    /// Whether it has ended, by itself or by the transport.
    private(set) var isOver = false
    /// Whether the transport was ended on this side, which ends the flow paused or not.
    var isEndedLocally = false
    /// What no consumer may ever get: an element or an end while paused, or anything after the end.
    private(set) var violations: [String] = []
    /// Called inside each element.
    var onElement: (() -> Void)?
    /// Called inside the end.
    var onEnd: (() -> Void)?

    private let recorder: Recorder
    private let bytes: (Element) -> [UInt8]
    private var producer: (any PushProducer)?
    private var delivery = Delivery()
    private var endListeners: [(EndReason, Delivery) -> Void] = []
    let scheduler: any Scheduler

    init(
        startsPaused: Bool,
        scheduler: any Scheduler,
        recorder: Recorder,
        bytes: @escaping (Element) -> [UInt8]
    ) {
        self.scheduler = scheduler
        self.recorder = recorder
        self.bytes = bytes
        isPaused = startsPaused
    }

    // MARK: What a check does

    func pause() {
        isPaused = true
        recorder.record("inbound pause")
        producer?.pauseProducing()
    }

    func resume() {
        isPaused = false
        recorder.record("inbound resume")
        producer?.resumeProducing()
    }

    /// Ends as a consumer that wants nothing more does.
    func stop(_ reason: EndReason) {
        guard !isOver else { return }
        over(reason)
        recorder.record("inbound stop \(reason.code)")
        let producer = self.producer
        self.producer = nil
        producer?.stopProducing(reason)
    }

    // MARK: What the transport does

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        guard self.producer == nil else { throw .alreadyRegistered }
        self.producer = producer
        if isPaused {
            recorder.record("inbound pause")
            producer.pauseProducing()
        }
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        violations.append("the transport registered as a pull producer")
    }

    func unregisterProducer() { producer = nil }

    func write(_ element: consuming Element) -> WriteOutcome {
        let content = bytes(element)
        recorder.record("in \(content.count)")
        if isOver { violations.append("\(content.count) bytes were delivered after the end") }
        if end == nil, isPaused { violations.append("\(content.count) bytes were delivered after the pause") }
        received += content
        delivery.accepted = delivery.accepted + Delivery.Amount(elements: 1, weight: max(1, content.count))
        onElement?()
        return isOver ? .closed : isPaused ? .full : .room
    }

    func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        var outcome = WriteOutcome.room
        for element in elements { outcome = write(element) }
        return outcome
    }

    func finish() { conclude(.finished, "in finished") }

    func fail(_ error: any Error) {
        let reason = EndReason.failed(error)
        conclude(reason, "in failed \(reason.code)")
    }

    func abort(_ reason: EndReason) { conclude(reason.abortive, "in abort \(reason.code)") }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {
        if isOver { body(end ?? .finished, delivery) } else { endListeners.append(body) }
    }

    private func over(_ reason: EndReason) {
        isOver = true
        for listener in endListeners { listener(reason, delivery) }
        endListeners = []
    }

    var snapshot: FlowSnapshot {
        var snapshot = FlowSnapshot(name: "inlet")
        snapshot.delivery = delivery
        snapshot.isPaused = isPaused
        snapshot.phase = isOver ? .ended : .open
        return snapshot
    }

    private func conclude(_ reason: EndReason, _ call: String) {
        recorder.record(call)
        if isOver { violations.append("a second end came: \(reason.code)") }
        if end == nil, isPaused, !isEndedLocally {
            violations.append("the end came to a paused consumer: \(reason.code)")
        }
        over(reason)
        end = end ?? reason
        producer = nil
        onEnd?()
    }
}

@available(*, unavailable)
extension TransportInlet: Sendable {}
