import DequeModule

/// The push producer of an ``AsyncWriter``: those who wait for room, in their order.
///
/// It holds the consumer until it is stopped or unregistered, and no longer (C1.9).
final class WritingDesk<Element>: PushProducer {
    /// The consumer while this is registered with it.
    private(set) var consumer: (any Consumer<Element>)?
    private weak var weakConsumer: (any Consumer<Element>)?
    private weak var registration: PushRegistration?
    private let scheduler: any Scheduler
    private var end: EndReason?
    private var told: (EndReason, Delivery)?
    private var isPaused = false
    private var isTurnOver = false
    private var share = TurnBudget.Share()
    private var queue: Deque<Waker> = []
    private var spare: Waker?
    private var closer: Waker?

    init(_ scheduler: any Scheduler) {
        self.scheduler = scheduler
    }

    func register(with consumer: any Consumer<Element>) throws(RegistrationError) {
        self.consumer = consumer
        weakConsumer = consumer
        let registration = PushRegistration(self)
        self.registration = registration
        registration.onOver = { [weak self] in self?.isUnregistered() }
        do { try consumer.registerProducer(registration) } catch {
            self.consumer = nil
            throw error
        }
    }

    /// Unregisters, unless the registration is over; a successor may be there (C2.1).
    func leave() {
        guard let consumer else { return }
        self.consumer = nil
        guard let registration, !registration.isOver else { return }
        registration.onOver = nil
        consumer.unregisterProducer()
    }

    /// The consumer, also behind the end of the registration, as long as somebody else holds it.
    var formerConsumer: (any Consumer<Element>)? { consumer ?? weakConsumer }

    /// What is known of the end if the consumer is gone.
    var lastKnown: (EndReason, Delivery) { told ?? (end ?? EndReason(.consumerEnded), Delivery()) }

    /// Why nothing can be written any more.
    var ended: any Error { end?.thrown ?? DoorError.writerUnregistered }

    // MARK: Waiting

    /// Waits until it is the caller's turn and there is room.
    func waitForRoom() async throws -> any Consumer<Element> {
        if queue.isEmpty, canGo(), let consumer { return consumer }
        guard consumer != nil else { throw ended }
        let ticket = spare ?? Waker(scheduler: scheduler)
        spare = nil
        queue.append(ticket)
        var isCancelled = false
        while true {
            isCancelled = await ticket.wait()
            guard consumer != nil, !isCancelled else { break }
            if queue.first === ticket, canGo() { break }
        }
        queue.removeAll { $0 === ticket }
        spare = ticket
        guard let consumer, !isCancelled else {
            callNext()
            throw consumer == nil ? ended : CancellationError()
        }
        return consumer
    }

    /// Waits until nobody waits for room any more.
    ///
    /// - Returns: Whether the task was cancelled meanwhile.
    func serveAll() async -> Bool {
        guard !queue.isEmpty else { return false }
        let waker = Waker(scheduler: scheduler)
        closer = waker
        defer { closer = nil }
        while !queue.isEmpty, consumer != nil {
            if await waker.wait() { return true }
        }
        return false
    }

    /// Somebody has been served, or has left.
    func callNext() {
        if queue.isEmpty { closer?.wake() } else if !isPaused, !isTurnOver { queue.first?.wake() }
    }

    /// Whether the next element may be written now; if only the turn is used up, whoever waits is called on the next (C5.5).
    private func canGo() -> Bool {
        guard !isPaused, !isTurnOver else { return false }
        if scheduler.turn.admits(&share) { return true }
        isTurnOver = true
        scheduler.onLaterTurn { [weak self] in
            guard let self else { return }
            isTurnOver = false
            callNext()
        }
        return false
    }

    // MARK: Signals

    func pauseProducing() { isPaused = true }

    func resumeProducing() {
        isPaused = false
        callNext()
    }

    func stopProducing(_ reason: EndReason) {
        // A consumer that ended in order still cut the writer short.
        end = reason.isOrderly ? EndReason(.consumerEnded, detail: "the consumer had finished before") : reason
        let former = consumer ?? weakConsumer
        consumer = nil
        former?.whenEnded { [weak self] in self?.told = ($0, $1) }
        wakeAll()
    }

    /// The registration is over: with a stop right behind, or without one, if somebody else has unregistered this.
    private func isUnregistered() {
        consumer = nil
        wakeAll()
    }

    private func wakeAll() {
        for ticket in queue { ticket.wake() }
        closer?.wake()
    }
}

extension Consumer {
    /// Waits for the end, and brings it about if the task is cancelled.
    package func receipt() async -> (end: EndReason, delivery: Delivery) {
        let waker = Waker(scheduler: scheduler)
        var told: (EndReason, Delivery)?
        whenEnded { reason, delivery in
            told = (reason, delivery)
            waker.wake()
        }
        while told == nil {
            if await waker.wait(), told == nil {
                abort(.cancelled)
                break
            }
        }
        while true {
            if let told { return told }
            await waker.waitEvenIfCancelled()
        }
    }
}

@available(*, unavailable)
extension WritingDesk: Sendable {}
