/// What a gate asks of the consumer that embeds it.
public protocol GateOwner: AnyObject {
    /// No producer is left and everything held has been taken: end the stream for good, by ``Gate/end(_:telling:)`` with
    /// this reason, at once or when the layer behind has confirmed.
    func gateDrained(_ reason: EndReason)

    /// The graceful end has begun while something is held: no more elements come. A stage that was still assembling an
    /// element completes it, or drops it by ``Gate/drop(weight:elements:)`` if the reason is an error.
    func gateDraining(_ reason: EndReason)

    /// Drops everything held and answers how many elements it was; called once, at the end (C6.2).
    func discardHeld() -> Int

    /// Ends the stream now; called by the gate when a writer does not obey the hard limit.
    func abort(_ reason: EndReason)

    /// What this consumer's own consumer waits for, if that is why it waits.
    var downstreamWaits: [FlowSnapshot.Wait] { get }
}

extension GateOwner {
    /// What is held goes out as it is.
    public func gateDraining(_ reason: EndReason) {}

    /// Nothing further down.
    public var downstreamWaits: [FlowSnapshot.Wait] { [] }
}
