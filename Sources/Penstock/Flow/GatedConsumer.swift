/// A consumer that keeps the contract by way of a ``Gate``.
///
/// Conforming needs a `gate` whose `owner` is set to the consumer, the two `write` methods and `discardHeld()`; the rest
/// has a default that suits a consumer in memory.
public protocol GatedConsumer<Element>: Consumer, GateOwner {
    /// The gate; its ``Gate/owner`` must be this object.
    var gate: Gate { get }
}

extension GatedConsumer {
    /// Registers with the gate.
    public func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        try gate.register(producer)
    }

    /// Registers with the gate.
    public func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        try gate.register(producer)
    }

    /// Unregisters from the gate.
    public func unregisterProducer() { gate.unregister() }

    /// Ends the stream gracefully.
    public func finish() { gate.finish() }

    /// Ends the stream with an error, behind what is held.
    public func fail(_ error: any Error) { gate.fail(.failed(error)) }

    /// Ends the stream now.
    public func abort(_ reason: EndReason) { gate.end(reason.abortive, telling: .later) }

    /// Ends at once: nothing is behind a consumer in memory.
    public func gateDrained(_ reason: EndReason) { gate.end(reason) }

    /// Tells once that the stream has ended, behind ``onEnd``.
    public func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) { gate.whenEnded(body) }

    /// The gate's scheduler.
    public var scheduler: any Scheduler { gate.scheduler }

    /// How the stream stands.
    public var snapshot: FlowSnapshot { gate.snapshot }

    /// Adds a named reason not to want elements; a running producer is paused.
    public func hold(_ hold: Hold = .owner) { gate.hold(hold) }

    /// Removes a named reason not to want elements.
    public func release(_ hold: Hold = .owner) { gate.release(hold) }

    /// Has a meter told of every weight from now on, such as a ``TokenBucket`` or an ``Account``.
    public func add(_ meter: any Meter) { gate.add(meter) }

    /// Tells a meter no more.
    public func remove(_ meter: any Meter) { gate.remove(meter) }

    /// When to pause and when to resume; setting it takes effect at once.
    public var marks: Watermarks {
        get { gate.marks }
        set { gate.marks = newValue }
    }

    /// Told once when the stream has ended, with the reason and what became of the elements (C6.9).
    public var onEnd: ((EndReason, Delivery) -> Void)? {
        get { gate.onEnd }
        set { gate.onEnd = newValue }
    }

    /// Told of the edges in the life of the stream.
    public var observer: (any FlowObserver)? {
        get { gate.observer }
        set { gate.observer = newValue }
    }
}
