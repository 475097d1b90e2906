import DequeModule

/// Writes into a consumer from `async` code: a write waits while the consumer is full.
///
/// ```swift
/// let writer = try AsyncWriter(consumer)
/// for row in rows { try await writer.write(row) }
/// let delivery = try await writer.finish()
/// ```
///
/// Several tasks of the same isolation domain may write at once; they are served in the order in which they came. The writer
/// is the consumer's push producer until it is finished, failed, or given up: when the last reference to it goes, it
/// unregisters, and the consumer stays as it is.
public final class AsyncWriter<Element> {
    private let consumer: any Consumer<Element>
    private let desk: Desk
    private var isClosed = false

    /// Registers with a consumer.
    ///
    /// - Throws: ``RegistrationError/alreadyRegistered`` if the consumer has a producer.
    public init(_ consumer: any Consumer<Element>) throws(RegistrationError) {
        self.consumer = consumer
        desk = Desk()
        try consumer.registerProducer(desk)
    }

    deinit {
        if !isClosed, !desk.isOver { consumer.unregisterProducer() }
    }

    /// Writes an element as soon as the consumer has room, behind the tasks that wait already.
    ///
    /// - Throws: The reason why the consumer has ended; `CancellationError` if the task is cancelled while it waits;
    ///   ``DoorError/writerFinished``. The element was not taken then.
    public func write(_ element: consuming Element) async throws {
        try await waitForRoom()
        let outcome = consumer.write(element)
        desk.callNext()
        if outcome == .closed { throw ended }
    }

    /// Writes several elements as one decision as soon as the consumer has room (C3.5).
    ///
    /// - Throws: What ``write(_:)`` throws.
    public func write(contentsOf elements: some Sequence<Element>) async throws {
        try await waitForRoom()
        let outcome = consumer.write(contentsOf: elements)
        desk.callNext()
        if outcome == .closed { throw ended }
    }

    /// Finishes the consumer behind everything that was written or waits to be, and returns when it has ended.
    ///
    /// - Returns: What became of the elements: the receipt.
    /// - Throws: ``DeliveryError`` if it did not end in order. If the task is cancelled meanwhile, the consumer is aborted.
    @discardableResult
    public func finish() async throws(DeliveryError) -> Delivery {
        if !isClosed {
            isClosed = true
            if await desk.serveAll(scheduler: consumer.scheduler) { consumer.abort(.cancelled) }
            if !desk.isOver { consumer.unregisterProducer() }
            consumer.finish()
        }
        let (end, delivery) = await consumer.receipt()
        guard end.isOrderly else { throw DeliveryError(end: end, delivery: delivery) }
        return delivery
    }

    /// Ends the consumer with an error, behind what was written; waiting writes are refused.
    public func fail(_ error: any Error) {
        guard !isClosed else { return }
        isClosed = true
        consumer.fail(error)
    }

    private var ended: any Error { desk.end?.thrown ?? EndReason(.consumerEnded) }

    private func waitForRoom() async throws {
        guard !isClosed else { throw DoorError.writerFinished }
        if let end = desk.end { throw end.thrown }
        try await desk.wait(scheduler: consumer.scheduler)
        if let end = desk.end { throw end.thrown }
    }
}

/// The push producer of a writer: those who wait for room, in their order.
private final class Desk: PushProducer, ProducerStandIn {
    private(set) var end: EndReason?
    /// Whether the registration is over.
    private(set) var isOver = false
    private var isPaused = false
    private var queue: Deque<Waker> = []
    private var closer: Waker?

    /// Waits until it is the caller's turn and there is room, or the consumer has ended.
    func wait(scheduler: any Scheduler) async throws {
        guard isPaused || !queue.isEmpty else { return }
        let ticket = Waker(scheduler: scheduler)
        queue.append(ticket)
        while true {
            let isCancelled = await ticket.wait()
            guard end == nil, !isCancelled else {
                queue.removeAll { $0 === ticket }
                callNext()
                if end == nil { throw CancellationError() }
                return
            }
            if !isPaused, queue.first === ticket {
                queue.removeFirst()
                return
            }
        }
    }

    /// Waits until nobody waits for room any more.
    ///
    /// - Returns: Whether the task was cancelled meanwhile.
    func serveAll(scheduler: any Scheduler) async -> Bool {
        guard !queue.isEmpty else { return false }
        let waker = Waker(scheduler: scheduler)
        closer = waker
        defer { closer = nil }
        while !queue.isEmpty, end == nil {
            if await waker.wait() { return true }
        }
        return false
    }

    /// Somebody has been served, or has left.
    func callNext() {
        if queue.isEmpty { closer?.wake() } else if !isPaused { queue.first?.wake() }
    }

    func pauseProducing() { isPaused = true }

    func resumeProducing() {
        isPaused = false
        callNext()
    }

    func stopProducing(_ reason: EndReason) {
        end = reason
        for ticket in queue { ticket.wake() }
        closer?.wake()
    }

    func letGo() { isOver = true }
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
            if await waker.wait() {
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
extension AsyncWriter: Sendable {}
