/// A pull producer of the elements of any sequence.
public final class SequenceSource<Base: Sequence>: PullProducer, Source {
    /// What is produced.
    public typealias Output = Base.Element

    /// The weight still to come, if it was given.
    public let expectedWeight: Int?

    private let outlet: Outlet<Base.Element>
    private let next: () -> Base.Element?

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - base: The sequence; iterated as it is asked for, one element at a time.
    ///   - expectedWeight: The weight of the whole, if it is known.
    ///   - scheduler: Serves the isolation domain of the source.
    @inlinable
    public convenience init(_ base: Base, expectedWeight: Int? = nil, scheduler: any Scheduler) {
        // Made where the sequence is known: an iterator that is called without that knowledge allocates for each element.
        var iterator = base.makeIterator()
        self.init(next: { iterator.next() }, expectedWeight: expectedWeight, scheduler: scheduler)
    }

    @usableFromInline
    init(next: @escaping () -> Base.Element?, expectedWeight: Int?, scheduler: any Scheduler) {
        self.next = next
        self.expectedWeight = expectedWeight
        outlet = Outlet(scheduler: scheduler)
    }

    /// Registers with the consumer and answers its questions.
    public func attach(
        to consumer: any Consumer<Base.Element>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
    }

    /// Writes the next element, or unregisters if there is none.
    public func resumeProducing() {
        guard outlet.isAttached else { return }
        if let element = next() { outlet.write(element) } else { outlet.finish() }
    }

    /// Ends the flow.
    public func stopProducing(_ reason: EndReason) { outlet.stopped(reason) }
}

@available(*, unavailable)
extension SequenceSource: Sendable {}
