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
///
/// A write that finds room does not suspend, until the writer has used up its share of the turn: then it waits for the next one,
/// so that a loop into a consumer that is never full does not hold up its event loop (C5.5). A cancelled task hears of it when
/// it has to wait.
///
/// Let go of it in the isolation domain of the consumer: an actor that keeps a writer needs an `isolated deinit`.
public final class AsyncWriter<Element> {
    private let desk: WritingDesk<Element>
    private var isClosed = false

    /// Registers with a consumer.
    ///
    /// - Throws: ``RegistrationError/alreadyRegistered`` if the consumer has a producer.
    public init(_ consumer: any Consumer<Element>) throws(RegistrationError) {
        desk = WritingDesk(consumer.scheduler)
        try desk.register(with: consumer)
    }

    deinit { desk.leave() }

    /// Writes an element as soon as the consumer has room, behind the tasks that wait already.
    ///
    /// - Throws: The reason why the consumer has ended; `CancellationError` if the task is cancelled while it waits;
    ///   ``DoorError/writerFinished``, ``DoorError/writerUnregistered``. The element was not taken then.
    public func write(_ element: consuming Element) async throws {
        guard !isClosed else { throw DoorError.writerFinished }
        let consumer = try await desk.waitForRoom()
        let outcome = consumer.write(element)
        desk.callNext()
        if outcome == .closed { throw desk.ended }
    }

    /// Writes several elements as one decision as soon as the consumer has room (C3.5).
    ///
    /// - Throws: What ``write(_:)`` throws.
    public func write(contentsOf elements: some Sequence<Element>) async throws {
        guard !isClosed else { throw DoorError.writerFinished }
        let consumer = try await desk.waitForRoom()
        let outcome = consumer.write(contentsOf: elements)
        desk.callNext()
        if outcome == .closed { throw desk.ended }
    }

    /// Finishes the consumer behind everything that was written or waits to be, and returns when it has ended.
    ///
    /// - Returns: What became of the elements: the receipt.
    /// - Throws: ``DeliveryError`` if it did not end in order. If the task is cancelled meanwhile, the consumer is aborted.
    @discardableResult
    public func finish() async throws(DeliveryError) -> Delivery {
        let (end, delivery): (EndReason, Delivery)
        if let consumer = desk.formerConsumer {
            if !isClosed {
                isClosed = true
                if await desk.serveAll() { consumer.abort(.cancelled) }
                desk.leave()
                consumer.finish()
            }
            (end, delivery) = await consumer.receipt()
        } else {
            (end, delivery) = desk.lastKnown
        }
        guard end.isOrderly else { throw DeliveryError(end: end, delivery: delivery) }
        return delivery
    }

    /// Ends the consumer with an error, behind what was written; waiting writes are refused.
    public func fail(_ error: any Error) {
        guard !isClosed else { return }
        isClosed = true
        desk.consumer?.fail(error)
    }
}

@available(*, unavailable)
extension AsyncWriter: Sendable {}
