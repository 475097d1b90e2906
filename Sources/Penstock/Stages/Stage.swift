/// A consumer of one type of element and a push producer of another, with the contract on both sides (C8.1).
///
/// A stage embeds a ``Gate`` and an ``Outlet`` and supplies ``pump()``; pause, resume, stop and the end are passed on by
/// default. While its own consumer is full, or there is none, its gate has the hold ``Hold/downstream``.
public protocol Stage<Element, Output>: GatedConsumer, Source, PushProducer {
    /// The producing side.
    var outlet: Outlet<Output> { get }

    /// Writes to the outlet what is held, as long as ``Outlet/isOpen``; must not nest.
    func pump()
}

extension Stage {
    /// Unknown.
    public var expectedWeight: Int? { nil }

    /// Registers with the consumer and begins to pass elements on.
    public func attach(
        to consumer: any Consumer<Output>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
        proceed()
    }

    /// Holds the producer of this stage until the consumer resumes.
    public func pauseProducing() {
        outlet.paused()
        gate.hold(.downstream)
    }

    /// Passes on what is held, then resumes the producer of this stage.
    public func resumeProducing() {
        outlet.resumed()
        proceed()
    }

    /// The consumer has ended: stops the producer of this stage with the same reason.
    public func stopProducing(_ reason: EndReason) {
        outlet.stopped(reason)
        gate.end(outlet.end ?? reason)
    }

    /// The end travels on, with the original error (C6.6).
    public func gateDrained(_ reason: EndReason) {
        gate.end(reason)
        outlet.end(reason)
    }

    /// Ends both sides now.
    public func abort(_ reason: EndReason) {
        guard gate.end == nil else { return gate.end(reason) }
        let first = gate.failure ?? reason.abortive  // C6.7
        gate.end(reason.abortive, telling: .later)
        outlet.fail(first)
    }

    /// What the stage's own consumer waits for.
    public var downstreamWaits: [FlowSnapshot.Wait] { outlet.waits }

    /// A failure of the stage itself stops upstream and fails downstream (C8.3).
    func failBothSides(_ error: any Error) {
        let first = gate.failure ?? .failed(error)  // C6.7
        gate.end(.failed(error))
        outlet.end(first)
    }

    private func proceed() {
        pump()
        if outlet.isOpen { gate.release(.downstream) }
    }
}
