/// Takes elements, and says by way of the registered producer how fast it wants them.
///
/// A consumer has at most one producer at a time. `unregisterProducer` ends a registration, not the stream;
/// ``finish()`` ends the stream. So several sources can be written into one consumer, one after another.
///
/// To write a consumer of your own, hold a ``Gate`` and conform to ``GatedConsumer``: all the rules of the contract come
/// with it.
public protocol Consumer<Element>: AnyObject {
    /// What is written.
    associatedtype Element

    /// Registers the push producer that the consumer pauses and resumes.
    ///
    /// If there is no room, `pauseProducing` is called once before this returns (C1.6). On a consumer that has ended, or
    /// is ending, `stopProducing` is called exactly once instead, and nothing is kept (C1.3, C1.5).
    ///
    /// - Throws: ``RegistrationError/alreadyRegistered`` if there is a producer; that one is untouched (C1.1).
    func registerProducer(_ producer: any PushProducer) throws(RegistrationError)

    /// Registers the pull producer that the consumer asks for one element at a time.
    ///
    /// It is asked at once if the level is at or below the low mark and there is no hold, else when that comes to be
    /// (C1.7). On a consumer that has ended, or is ending, `stopProducing` is called exactly once instead.
    ///
    /// - Throws: ``RegistrationError/alreadyRegistered`` if there is a producer; that one is untouched (C1.1).
    func registerProducer(_ producer: any PullProducer) throws(RegistrationError)

    /// Forgets the registered producer without telling it; does nothing if there is none (C2.1).
    ///
    /// What was written before goes out (C2.5), and a ``finish()`` that was waiting for the producer proceeds (C2.4).
    func unregisterProducer()

    /// Takes an element; never blocks and never fails (C3.1).
    ///
    /// - Returns: ``WriteOutcome/full`` if the consumer wants no more for now (the element was taken all the same),
    ///   ``WriteOutcome/closed`` if the stream is over and the element was dropped and counted (C3.2).
    @discardableResult func write(_ element: consuming Element) -> WriteOutcome

    /// Takes all elements of a finite sequence as one decision: at most one pause for all of them (C3.5).
    @discardableResult func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome

    /// Ends the stream gracefully: waits for the registered producer to unregister and for every accepted element to be
    /// taken (C6.3). Idempotent.
    func finish()

    /// Ends the stream with an error that arrives in order: the elements held so far first, then the error (C6.6).
    ///
    /// A registered producer is stopped at once. Idempotent; the first end wins (C6.7).
    func fail(_ error: any Error)

    /// Ends the stream now: drops and counts what is held and stops the producer once (C6.5).
    ///
    /// Idempotent, and legal inside every signal. An error that the stream was failed with before, and that is still behind
    /// elements, stays the reason (C6.7).
    func abort(_ reason: EndReason)

    /// Tells once that the stream has ended, why, and what became of the elements; at once if it has been told already.
    ///
    /// Any number of listeners may ask, and nobody takes another's place. They hear of it in their order, behind the owner's
    /// `onEnd` (C6.9), and are let go of then.
    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void)

    /// How the stream stands: phase, level, marks, holds with their age, counts.
    var snapshot: FlowSnapshot { get }

    /// Serves the isolation domain that the consumer lives in.
    var scheduler: any Scheduler { get }
}
