/// Stands for a producer at its consumer, and passes the signals on.
///
/// The consumer lets go of it when the registration ends (C1.9), so its owner can tell its own from a successor's. A gate says
/// so besides: inside a signal, letting go does not make it disappear.
class Registration: ProducerStandIn {
    private let producer: any Producer
    private(set) var isOver = false
    /// Called when the registration is over, whoever ended it, perhaps amid something: all it may do is wake a task.
    var onOver: (() -> Void)?

    init(_ producer: any Producer) { self.producer = producer }

    deinit { letGo() }

    func stopProducing(_ reason: EndReason) { producer.stopProducing(reason) }

    func letGo() {
        isOver = true
        let tell = onOver
        onOver = nil
        tell?()
    }
}

/// Stands for a push producer.
final class PushRegistration: Registration, PushProducer {
    private let producer: any PushProducer

    init(_ producer: any PushProducer) {
        self.producer = producer
        super.init(producer)
    }

    func pauseProducing() { producer.pauseProducing() }

    func resumeProducing() { producer.resumeProducing() }
}

/// Stands for a pull producer.
final class PullRegistration: Registration, PullProducer {
    private let producer: any PullProducer

    init(_ producer: any PullProducer) {
        self.producer = producer
        super.init(producer)
    }

    func resumeProducing() { producer.resumeProducing() }
}

@available(*, unavailable)
extension Registration: Sendable {}
