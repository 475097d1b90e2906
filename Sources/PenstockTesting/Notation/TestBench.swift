public import Penstock

/// A consumer under test and what a ``CallSequence`` needs around it: its clock, elements to write, and a way to drain it.
///
/// For a consumer of your own, say how an element of a given weight is made and how what is held is taken from behind:
///
/// ```swift
/// let bench = TestBench(
///     queue,
///     clock: clock,
///     element: { weight in Message(size: weight) },
///     drain: { weight in
///         var taken = 0
///         while taken < weight ?? .max, let message = queue.next() { taken += message.size }
///         return taken
///     }
/// )
/// try CallSequence("register push > write 5 > pause > drain all > resume").run(on: bench)
/// ```
///
/// If the consumer is a `GatedConsumer`, holds, marks and the end are connected to its gate; otherwise set
/// ``hold``, ``release``, ``setMarks`` and ``observeEnd``. A command for which there is no closure fails the sequence.
public struct TestBench<Element> {
    /// The consumer.
    public var consumer: any Consumer<Element>
    /// Gives the consumer its turns and its time.
    public var clock: VirtualClock
    /// Makes an element of this weight.
    public var element: (_ weight: Int) -> Element
    /// Takes from behind, oldest first, until this weight has been taken, or everything if it is nil; answers the weight that
    /// was taken.
    public var drain: (_ weight: Int?) -> Int
    /// Makes an element without content, which is not queued (C3.4); nil if there is no such element.
    public var empty: (() -> Element)?
    /// Adds a hold.
    public var hold: ((Hold) -> Void)?
    /// Removes a hold.
    public var release: ((Hold) -> Void)?
    /// Changes the marks.
    public var setMarks: ((Watermarks) -> Void)?
    /// Connects the consumer.
    public var connect: (() -> Void)?
    /// Has the consumer lose whatever is behind it.
    public var lose: (() -> Void)?
    /// Has the closure called with the reason and the delivery when the consumer tells its owner its end (C6.9).
    public var observeEnd: ((@escaping (EndReason, Delivery) -> Void) -> Void)?

    /// Creates a bench.
    ///
    /// - Parameters:
    ///   - consumer: The consumer under test.
    ///   - clock: Gives the consumer its turns and its time.
    ///   - element: Makes an element of this weight.
    ///   - drain: Takes this weight from behind, or everything if it is nil; answers the weight that was taken.
    public init(
        _ consumer: any Consumer<Element>,
        clock: VirtualClock,
        element: @escaping (_ weight: Int) -> Element,
        drain: @escaping (_ weight: Int?) -> Int
    ) {
        self.consumer = consumer
        self.clock = clock
        self.element = element
        self.drain = drain
        guard let gate = (consumer as? any GatedConsumer)?.gate else { return }
        hold = { gate.hold($0) }
        release = { gate.release($0) }
        setMarks = { gate.marks = $0 }
        observeEnd = { gate.onEnd = $0 }
    }
}

@available(*, unavailable)
extension TestBench: Sendable {}
