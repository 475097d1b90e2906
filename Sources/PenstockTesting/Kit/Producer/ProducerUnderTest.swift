/// A producer that the kit is to try: what it is, and how a fresh one is made.
///
/// ```swift
/// let subject = ProducerUnderTest<Int>("countdown", kind: .pull) {
///     let clock = VirtualClock()
///     let source = Countdown(from: 9, scheduler: clock)
///     return ProducerFixture(source, expected: Array((0...9).reversed()), clock: TrialClock(clock))
/// }
/// let report = await ProducerSuite(subject).run()
/// ```
///
/// A good subject has ten elements or more, and produces some of them on later turns if it can. With fewer than four, most
/// checks are left out.
public struct ProducerUnderTest<Element> {
    /// As what it registers.
    public enum Kind: Hashable, Sendable {
        /// As a push producer.
        case push
        /// As a pull producer.
        case pull
    }

    /// The name in the report.
    public var name: String
    /// As what it has to register (C1.2).
    public var kind: Kind
    /// How many elements may follow a pause or a stop; 0 for a producer on the event loop of its consumer (C4.7).
    ///
    /// More says that its elements cross from another isolation domain. It must tell then what is on the way, by
    /// ``ProducerFixture/held`` (C9.3).
    public var skid = 0
    /// Makes a fresh subject that has not been started.
    public var make: () async throws -> ProducerFixture<Element>
    /// Makes a fresh subject that fails by itself after its expected elements; ``ProducerFixture/isFailure`` knows the error.
    ///
    /// Nil if it cannot fail.
    public var makeFailing: (() async throws -> ProducerFixture<Element>)?

    /// Creates a description.
    ///
    /// - Parameters:
    ///   - name: The name in the report.
    ///   - kind: As what it has to register.
    ///   - make: Makes a fresh subject that has not been started.
    public init(_ name: String, kind: Kind, make: @escaping () async throws -> ProducerFixture<Element>) {
        self.name = name
        self.kind = kind
        self.make = make
    }
}

@available(*, unavailable)
extension ProducerUnderTest: Sendable {}
