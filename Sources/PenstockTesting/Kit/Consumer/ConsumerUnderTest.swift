public import Penstock

/// A consumer to be tested by a ``ConsumerSuite``, and what the suite needs around it.
///
/// A factory makes a fresh one for every check, with the marks that the suite gives it. What a consumer cannot do is left nil;
/// the rules that need it are then reported as not applicable, with the reason.
///
/// ```swift
/// let suite = ConsumerSuite<Message>("my queue", marks: Watermarks(low: 40, high: 80)) { marks in
///     let clock = VirtualClock()
///     let queue = MyQueue(marks: marks, scheduler: clock)
///     let sink = Sink()
///     return ConsumerUnderTest(
///         queue,
///         clock: TrialClock(clock),
///         element: { weight, number in Message(size: weight, number: number) },
///         content: { [$0.number] },
///         output: { sink.numbers },
///         draining: .exact { weight in
///             var taken = 0
///             while taken < weight, let message = queue.next() {
///                 sink.numbers.append(message.number)
///                 taken += message.size
///             }
///             return taken
///         }
///     )
/// }
/// ```
///
/// For a consumer that embeds a `Gate`, holds, marks, the hard limit and the end are connected already.
public struct ConsumerUnderTest<Element> {
    /// How what the consumer holds leaves it.
    public enum Draining {
        /// What is written is held, and counts, until this closure takes it: oldest first, until this weight has gone.
        ///
        /// It answers the weight that has gone. The suite asks for whole elements, and takes any answer.
        case exact((_ weight: Int) async -> Int)
        /// The consumer passes elements on at a pace of its own until something behind it is full, such as a socket.
        ///
        /// The closure has everything taken that can be, and returns when nothing more comes. It may be called after the end.
        case everything(() async -> Void)
        /// Everything has been taken when a write returns: it is never full by its level.
        case never
    }

    /// The consumer.
    public var consumer: any Consumer<Element>
    /// Gives the consumer its turns and its time.
    public var clock: TrialClock
    /// Makes an element of this weight, at least ``leastWeight``, which can be told from its neighbours by its number.
    public var element: (_ weight: Int, _ number: Int) -> Element
    /// What comes out behind for an element: one number for it, or its bytes if they come out as a stream.
    public var content: (Element) -> [Int]
    /// All that has come out behind, in its order, in the terms of ``content``.
    public var output: () -> [Int]
    /// How what the consumer holds leaves it.
    public var draining: Draining
    /// The least that an element with something in it weighs.
    public var leastWeight = 1
    /// Whether elements come out as they went in; a stage that cuts or joins them counts what it drops in its own pieces.
    public var keepsElements = true
    /// Makes an element without content, which is not queued (C3.4); nil if there is no such element.
    public var empty: (() -> Element)?
    /// Takes everything that is held at once and answers its weight.
    ///
    /// It is called inside signals, so what it takes must be in the output before the signal that this makes due. Nil if what
    /// is held leaves only between turns.
    public var takeAtOnce: (() -> Int)?
    /// The hard limit (C10.3); nil if there is none, which leaves the consumer without a bound.
    public var limit: Int?
    /// Adds a hold.
    public var hold: ((Hold) -> Void)?
    /// Removes a hold.
    public var release: ((Hold) -> Void)?
    /// Changes the marks.
    public var setMarks: ((Watermarks) -> Void)?
    /// Connects the consumer, which is connecting when it is made; nil if it is open from the beginning.
    public var connect: (() async -> Void)?
    /// Has the consumer lose whatever is behind it, and returns when it knows.
    public var lose: (() async -> Void)?
    /// Ends the stream gracefully within a deadline (C6.3); nil if there is no such call.
    public var finishWithin: ((Duration?) -> Void)?
    /// Has the closure called when the consumer tells its owner its end (C6.9).
    public var observeEnd: ((@escaping (EndReason, Delivery) -> Void) -> Void)?
    /// Has the closure called with each end that came after the first (C6.7).
    public var observeIgnoredEnd: ((@escaping (EndReason) -> Void) -> Void)?
    /// Lets go of what the consumer needs, such as a connection; called after every check.
    public var close: () async -> Void = {}

    /// Describes a consumer.
    ///
    /// - Parameters:
    ///   - consumer: The consumer under test, fresh.
    ///   - clock: Gives it its turns and its time.
    ///   - element: Makes an element of this weight which can be told by its number.
    ///   - content: What comes out behind for an element.
    ///   - output: All that has come out.
    ///   - draining: How what is held leaves.
    public init(
        _ consumer: any Consumer<Element>,
        clock: TrialClock,
        element: @escaping (_ weight: Int, _ number: Int) -> Element,
        content: @escaping (Element) -> [Int],
        output: @escaping () -> [Int],
        draining: Draining
    ) {
        self.consumer = consumer
        self.clock = clock
        self.element = element
        self.content = content
        self.output = output
        self.draining = draining
        if let gate = (consumer as? any GatedConsumer)?.gate { connect(to: gate) }
    }

    /// Describes the consumer of a bench, from which what is held is drained as on the bench.
    ///
    /// - Parameters:
    ///   - bench: The consumer, its clock and what can be done with it.
    ///   - element: Makes an element of this weight which can be told by its number.
    ///   - content: What comes out behind for an element.
    ///   - output: All that has come out.
    public init(
        _ bench: TestBench<Element>,
        element: @escaping (_ weight: Int, _ number: Int) -> Element,
        content: @escaping (Element) -> [Int],
        output: @escaping () -> [Int]
    ) {
        self.init(
            bench.consumer,
            clock: TrialClock(bench.clock),
            element: element,
            content: content,
            output: output,
            draining: .exact { bench.drain($0) }
        )
        takeAtOnce = { bench.drain(nil) }
        empty = bench.empty
        hold = bench.hold
        release = bench.release
        setMarks = bench.setMarks
        if let lose = bench.lose { self.lose = { lose() } }
        observeEnd = bench.observeEnd
    }

    /// Connects holds, marks, the hard limit and the end to a gate, for a consumer that has one but does not show it.
    public mutating func connect(to gate: Gate) {
        limit = gate.limit
        hold = { gate.hold($0) }
        release = { gate.release($0) }
        setMarks = { gate.marks = $0 }
        observeEnd = { gate.onEnd = $0 }
        // A gate does not keep its observer, so the closure does.
        let observer = IgnoredEnds()
        observeIgnoredEnd = { tell in
            observer.tell = tell
            gate.observer = observer
        }
    }
}

/// Passes on which ends came after the first.
private final class IgnoredEnds: FlowObserver {
    var tell: (EndReason) -> Void = { _ in }

    func flow(_ gate: Gate, didChange edge: FlowEdge) {
        if case .ignoredEnd(let reason) = edge { tell(reason) }
    }
}

@available(*, unavailable)
extension ConsumerUnderTest: Sendable {}

@available(*, unavailable)
extension IgnoredEnds: Sendable {}
