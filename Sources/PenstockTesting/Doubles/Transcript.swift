import Penstock

/// Writes down the calls that a consumer gets and the signals that it gives.
///
/// The signals are seen by a stand-in that is registered for the producer and passes them on.
final class Transcript {
    let recorder: Recorder
    private let name: String
    /// Weak, because only the consumer decides how long its producer lives (C1.9).
    private weak var current: StandIn?

    init(_ recorder: Recorder, name: String) {
        self.recorder = recorder
        self.name = name
    }

    /// The producer that is registered.
    var producer: (any Producer)? { current?.base }

    func record(_ call: String) { recorder.record(call, of: name) }

    func register(
        _ producer: any PushProducer,
        with register: (any PushProducer) throws(RegistrationError) -> Void
    ) throws(RegistrationError) {
        record("register push")
        let standIn = known(producer) ?? PushStandIn(producer, self)
        try keep(standIn) { () throws(RegistrationError) in try register(standIn) }
    }

    func register(
        _ producer: any PullProducer,
        with register: (any PullProducer) throws(RegistrationError) -> Void
    ) throws(RegistrationError) {
        record("register pull")
        let standIn = known(producer) ?? PullStandIn(producer, self)
        try keep(standIn) { () throws(RegistrationError) in try register(standIn) }
    }

    func abort(_ reason: EndReason) { record("abort \(reason.code)") }

    /// Registered twice, a producer must be the same object for the consumer, which tells by identity (C1.1).
    private func known<Kind: StandIn>(_ producer: any Producer) -> Kind? {
        current?.base === producer ? current as? Kind : nil
    }

    private func keep(
        _ standIn: StandIn,
        _ register: () throws(RegistrationError) -> Void
    ) throws(RegistrationError) {
        let before = current
        // Before the call, because a signal inside it may register a successor (C4.4).
        current = standIn
        do { try register() } catch {
            current = before
            record("already registered")
            throw error
        }
        if standIn.isStopped, current === standIn { current = before }  // C1.5
    }
}

/// Registered for a producer whose signals are written down.
private class StandIn: ProducerStandIn {
    let base: any Producer
    let transcript: Transcript
    var isStopped = false

    init(_ base: any Producer, _ transcript: Transcript) {
        self.base = base
        self.transcript = transcript
    }

    func stopProducing(_ reason: EndReason) {
        isStopped = true
        transcript.record("stop \(reason.code)")
        base.stopProducing(reason)
    }

    func letGo() { (base as? any ProducerStandIn)?.letGo() }
}

private final class PushStandIn: StandIn, PushProducer {
    private let producer: any PushProducer

    init(_ producer: any PushProducer, _ transcript: Transcript) {
        self.producer = producer
        super.init(producer, transcript)
    }

    func pauseProducing() {
        transcript.record("pause")
        producer.pauseProducing()
    }

    func resumeProducing() {
        transcript.record("resume")
        producer.resumeProducing()
    }
}

private final class PullStandIn: StandIn, PullProducer {
    private let producer: any PullProducer

    init(_ producer: any PullProducer, _ transcript: Transcript) {
        self.producer = producer
        super.init(producer, transcript)
    }

    func resumeProducing() {
        transcript.record("ask")
        producer.resumeProducing()
    }
}

@available(*, unavailable)
extension Transcript: Sendable {}

@available(*, unavailable)
extension StandIn: Sendable {}
