/// A consumer that can be written to from another isolation domain: made where the consumer lives, used elsewhere (C9.3).
///
/// In a domain that has a scheduler, such as another event loop, ``consumer(on:)`` is a consumer like any other, for any
/// producer:
///
/// ```swift
/// // In the domain of the consumer:
/// let handle = try ConsumerHandle(connection, marks: marks)
///
/// // In the domain of the source:
/// try rows.attach(to: handle.consumer(on: scheduler))
/// ```
///
/// Tasks write to the handle itself, and wait while it is full:
///
/// ```swift
/// for row in rows { try await handle.write(row) }
/// let delivery = try await handle.finish()
/// ```
///
/// One or the other: a handle is written to by the tasks, or by the one who has its consumer. It is the consumer's push
/// producer until the end. If the handle, or the near end that was made of it, is dropped before, the consumer is failed with
/// ``EndReason/Code/lost`` behind what was written.
public final class ConsumerHandle<Element: Sendable>: Sendable {
    private let crossing: Crossing<Element>
    private let desk: CrossingDesk<Element>

    /// Registers with the consumer.
    ///
    /// - Parameters:
    ///   - consumer: Where the elements come out. This is called in its domain.
    ///   - marks: Bound what is between the two domains, beside what the consumer itself holds.
    ///   - weight: What an element costs between the domains, at least 1; called in the domain of whoever writes.
    ///   - name: Shown in snapshots.
    /// - Throws: ``RegistrationError/alreadyRegistered`` if the consumer has a producer.
    public convenience init(
        _ consumer: any Consumer<Element>,
        marks: Watermarks,
        weight: @escaping @Sendable (Element) -> Int,
        name: String = "crossing"
    ) throws(RegistrationError) {
        try self.init(consumer, Crossing(marks, SharedWeigher(weight), name))
    }

    private init(_ consumer: any Consumer<Element>, _ crossing: Crossing<Element>) throws(RegistrationError) {
        self.crossing = crossing
        desk = CrossingDesk(crossing.queue)
        let receipt = desk.receipt
        let source = try crossing.source(
            on: consumer.scheduler,
            expectedWeight: nil,
            onDrop: { receipt.tell($0, nil) }
        )
        try source.attach(to: consumer)
        consumer.whenEnded { receipt.tell($0, $1) }
    }

    deinit {
        if desk.isOpen { crossing.queue.nearIsGone() }
    }

    /// The near end, for producers of another domain; can be had once, and not if tasks have written to the handle.
    ///
    /// - Parameter scheduler: Serves the domain of those who will write, in which this is called.
    /// - Throws: ``RegistrationError/alreadyAttached``.
    public func consumer(on scheduler: any Scheduler) throws(RegistrationError) -> CrossingConsumer<Element> {
        try crossing.consumer(on: scheduler)
    }

    /// Writes an element as soon as there is room, behind the tasks that wait already.
    ///
    /// - Throws: The reason why the consumer has ended; `CancellationError` if the task is cancelled while it waits;
    ///   ``DoorError/writerFinished``; ``RegistrationError/alreadyAttached`` if somebody has the near end. The element was not
    ///   taken then.
    public func write(_ element: consuming Element) async throws {
        try open()
        try await desk.write(element)
    }

    /// Writes several elements as one decision as soon as there is room (C3.5).
    ///
    /// - Throws: What ``write(_:)`` throws.
    public func write(contentsOf elements: some Sequence<Element>) async throws {
        try open()
        try await desk.write(contentsOf: elements)
    }

    /// Finishes the consumer behind everything that was written or waits to be, and returns when it has ended.
    ///
    /// If the task is cancelled meanwhile, the consumer is failed, and what it has not got yet is dropped.
    ///
    /// - Returns: What became of the elements at the consumer: the receipt.
    /// - Throws: ``DeliveryError`` if it did not end in order; ``RegistrationError/alreadyAttached``.
    @discardableResult
    public func finish() async throws -> Delivery {
        try open()
        return try await desk.finish()
    }

    /// Ends the consumer with an error, behind what was written; tasks that wait are refused.
    ///
    /// Does nothing after the end, or if somebody has the near end.
    public func fail(_ error: any Error) {
        if (try? open()) != nil { desk.end(.failed(error), isNow: false) }
    }

    /// Ends the consumer with an error now: what it has not got yet is dropped, and tasks that wait are refused.
    ///
    /// Does nothing after the end, or if somebody has the near end.
    public func abort(_ reason: EndReason) {
        if (try? open()) != nil { desk.end(reason.abortive, isNow: true) }
    }

    /// The level, marks and counts as the tasks see them.
    public var snapshot: FlowSnapshot { desk.snapshot }

    /// The tasks have the near end from the first one on.
    private func open() throws(RegistrationError) {
        if crossing.claimNear() { desk.open() } else if !desk.isOpen { throw .alreadyAttached }
    }
}

extension ConsumerHandle where Element: Weighted {
    /// Registers with a consumer of elements that know their weight; those without content are not passed on (C3.4).
    public convenience init(
        _ consumer: any Consumer<Element>,
        marks: Watermarks,
        name: String = "crossing"
    ) throws(RegistrationError) {
        try self.init(consumer, Crossing(marks, SharedWeigher(), name))
    }
}
