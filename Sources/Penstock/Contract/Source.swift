/// A producer that knows what it produces and can be attached to a consumer: everything in the package that produces is
/// one.
public protocol Source<Output>: Producer {
    /// What is produced.
    associatedtype Output

    /// The weight of everything that is still to come, if it is known; for progress.
    ///
    /// A source of bytes counts bytes, while a consumer's weights may include an overhead for each element.
    var expectedWeight: Int? { get }

    /// Registers with the consumer and produces into it until the source is exhausted, fails or is stopped.
    ///
    /// - Parameters:
    ///   - consumer: Where the elements go. Held until the flow has ended (C1.9).
    ///   - atEnd: What an orderly end of this source does to the consumer. If the source fails, the consumer is failed
    ///     with the original error under ``EndPolicy/finish`` and left open under ``EndPolicy/leaveOpen``.
    ///   - done: Called once, when the flow has ended, with what was handed over and why it ended (C6.8). The consumer may
    ///     still hold elements then; its own end tells when they have been taken.
    /// - Throws: ``RegistrationError`` if the consumer has a producer, or this source is attached or used up. Nothing has
    ///   changed then and `done` is not called.
    func attach(
        to consumer: any Consumer<Output>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError)
}

extension Source {
    /// Attaches to a consumer, finishes it at the end, and tells nobody.
    public func attach(to consumer: any Consumer<Output>) throws(RegistrationError) {
        try attach(to: consumer, atEnd: .finish, done: { _ in })
    }

    /// Attaches to a consumer, finishes it at the end, and tells when the source has handed everything over.
    public func attach(
        to consumer: any Consumer<Output>,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try attach(to: consumer, atEnd: .finish, done: done)
    }
}
