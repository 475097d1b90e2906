public import Penstock

/// One fresh producer and what the kit needs around it.
///
/// Only this may hold what it is made of: the kit lets go of the fixture to see whether the subject goes, too (C1.9).
public struct ProducerFixture<Element> {
    /// The turns and the time that the subject lives by.
    public var clock: TrialClock
    /// All elements that it has to produce, in their order.
    public var expected: [Element]
    /// Starts it into this consumer, before it returns.
    ///
    /// A producer that is not a `Source` ignores the policy and the last closure, and ``tellsResult`` is false.
    public var start:
        (any Consumer<Element>, EndPolicy, @escaping (FlowResult) -> Void) throws(RegistrationError) -> Void
    /// Whether it is a `Source`: obeys the end policy, tells the result of the flow, refuses a second consumer.
    public var tellsResult: Bool
    /// Whether the first list, of what is expected, begins with the second, of what was produced.
    ///
    /// A stream of bytes that may be cut anywhere compares the bytes.
    public var begins: (_ expected: [Element], _ produced: [Element]) -> Bool
    /// What an element weighs, as the consumers of the kit are told.
    public var weight: (Element) -> Int = { _ in 1 }
    /// Says in a word what an element is.
    public var describe: (Element) -> String = { "\($0)" }
    /// The object that must go when the flow has ended and nobody wants it any more (C1.9); nil if others may hold it.
    public var object: AnyObject?
    /// Whether what it had opened is closed, such as a file; nil if it opens nothing.
    public var isReleased: (() -> Bool)?
    /// What it holds back now, in any unit; nil if that is nothing or cannot be told.
    public var held: (() -> Int)?
    /// The most that ``held`` may answer while its consumer takes nothing (C10.3).
    public var heldAtMost = 0
    /// The most elements that it writes in one turn; nil if its consumer decides that, or if it has too few to tell (C5.5).
    public var elementsPerTurn: Int?
    /// How often it has asked the pull producer that it adapts; nil if it adapts none (C5.6).
    public var questions: (() -> Int)?
    /// Whether this is the error that it fails with; for ``ProducerUnderTest/makeFailing``.
    public var isFailure: (any Error) -> Bool = { _ in false }
    /// Lets go of what the garbage of a trial does not take along, such as a connection.
    public var close: () async -> Void = {}

    /// Creates a fixture around a source.
    ///
    /// - Parameters:
    ///   - source: The subject.
    ///   - expected: All elements that it has to produce, in their order.
    ///   - clock: The turns and the time that the subject lives by.
    ///   - begins: Whether the first list begins with the second.
    public init(
        _ source: any Source<Element>,
        expected: [Element],
        clock: TrialClock,
        begins: @escaping (_ expected: [Element], _ produced: [Element]) -> Bool
    ) {
        self.clock = clock
        self.expected = expected
        self.begins = begins
        object = source
        tellsResult = true
        start = { (consumer, atEnd, done) throws(RegistrationError) in
            try source.attach(to: consumer, atEnd: atEnd, done: done)
        }
    }

    /// Creates a fixture around a push or pull producer that is no source.
    ///
    /// - Parameters:
    ///   - object: The subject.
    ///   - expected: All elements that it has to produce, in their order.
    ///   - clock: The turns and the time that the subject lives by.
    ///   - begins: Whether the first list begins with the second.
    ///   - start: Registers it with this consumer and has it produce.
    public init(
        producer object: any Producer,
        expected: [Element],
        clock: TrialClock,
        begins: @escaping (_ expected: [Element], _ produced: [Element]) -> Bool,
        start: @escaping (any Consumer<Element>) throws(RegistrationError) -> Void
    ) {
        self.clock = clock
        self.expected = expected
        self.begins = begins
        self.object = object
        tellsResult = false
        self.start = { (consumer, _, _) throws(RegistrationError) in try start(consumer) }
    }
}

extension ProducerFixture {
    /// A fixture around the producing side of something.
    init(
        object: AnyObject?,
        expected: [Element],
        clock: TrialClock,
        begins: @escaping ([Element], [Element]) -> Bool,
        start:
            @escaping (any Consumer<Element>, EndPolicy, @escaping (FlowResult) -> Void) throws(RegistrationError) ->
            Void
    ) {
        self.clock = clock
        self.expected = expected
        self.begins = begins
        self.object = object
        tellsResult = true
        self.start = start
    }
}

extension ProducerFixture where Element: Equatable {
    /// Creates a fixture around a source, whose elements must be the expected ones one by one.
    ///
    /// - Parameters:
    ///   - source: The subject.
    ///   - expected: All elements that it has to produce, in their order.
    ///   - clock: The turns and the time that the subject lives by.
    public init(_ source: any Source<Element>, expected: [Element], clock: TrialClock) {
        self.init(source, expected: expected, clock: clock, begins: { $0.starts(with: $1) })
    }

    /// Creates a fixture around a push or pull producer that is no source, whose elements must be the expected ones one by one.
    ///
    /// - Parameters:
    ///   - object: The subject.
    ///   - expected: All elements that it has to produce, in their order.
    ///   - clock: The turns and the time that the subject lives by.
    ///   - start: Registers it with this consumer and has it produce.
    public init(
        producer object: any Producer,
        expected: [Element],
        clock: TrialClock,
        start: @escaping (any Consumer<Element>) throws(RegistrationError) -> Void
    ) {
        self.init(producer: object, expected: expected, clock: clock, begins: { $0.starts(with: $1) }, start: start)
    }
}

@available(*, unavailable)
extension ProducerFixture: Sendable {}
