public import Penstock

/// One fresh stage and what the kit needs around it.
///
/// Only this may hold the stage: the kit lets go of the fixture to see whether the stage goes, too (C1.9).
public struct StageFixture<Input, Output> {
    /// An input, and all that comes out for it alone.
    public struct Yield {
        /// The input.
        public var input: Input
        /// What comes out.
        public var outputs: [Output]

        /// Creates one.
        public init(input: Input, outputs: [Output]) {
            self.input = input
            self.outputs = outputs
        }
    }

    /// The turns and the time that the stage lives by.
    public var clock: TrialClock
    /// Its consuming side.
    public var consumer: any Consumer<Input>
    /// Its producing side, to be attached to this consumer.
    public var attach:
        (any Consumer<Output>, EndPolicy, @escaping (FlowResult) -> Void) throws(RegistrationError) -> Void
    /// What the kit writes to it, in this order.
    public var inputs: [Input]
    /// All that comes out for these inputs and an orderly end behind them.
    public var outputs: [Output]
    /// What comes out if an error comes behind the inputs instead; nil if it is the same.
    public var outputsBeforeError: [Output]?
    /// Whether the first list, of what is expected, begins with the second, of what came out.
    public var begins: (_ expected: [Output], _ produced: [Output]) -> Bool
    /// What the stage weighs an input, at most.
    public var weight: (Input) -> Int = { _ in 1 }
    /// What a consumer of the kit weighs an output.
    public var outputWeight: (Output) -> Int = { _ in 1 }
    /// The most weight that it keeps although its consumer has room, such as an unfinished line.
    public var keeps = 0
    /// Says in a word what an input is.
    public var describe: (Input) -> String = { "\($0)" }
    /// Says in a word what an output is.
    public var describeOutput: (Output) -> String = { "\($0)" }
    /// An input for which nothing comes out, however often it is repeated; nil if there is none (C8.2).
    public var barren: Input?
    /// An input for which much comes out, without any other before it; nil if there is none (C8.2).
    public var rich: Yield?
    /// An input that makes the stage itself fail; nil if there is none (C8.3).
    public var failing: Input?
    /// Whether this is the error that the stage fails with when it gets ``failing``.
    public var isFailure: (any Error) -> Bool = { _ in false }
    /// What it states about its further consumers; nil if it has no more than one (C8.4).
    public var branches: StageBranches<Output>?
    /// What it states about its further producers; nil if it has no more than one (C8.4).
    public var inlets: StageInlets<Input, Output>?
    /// Whether its sides live in two isolation domains: what happens at one is known at the other only after some turns.
    public var crossesDomains = false
    /// The object that must go when both sides have ended; nil if others may hold it.
    public var object: AnyObject?
    /// Lets go of what the garbage of a trial does not take along.
    public var close: () async -> Void = {}

    /// Creates a fixture.
    ///
    /// - Parameters:
    ///   - stage: The subject.
    ///   - inputs: What the kit writes to it, in this order.
    ///   - outputs: All that comes out for these inputs and an orderly end behind them.
    ///   - clock: The turns and the time that the stage lives by.
    ///   - begins: Whether the first list begins with the second.
    public init<Subject: Consumer<Input> & Source<Output>>(
        _ stage: Subject,
        inputs: [Input],
        outputs: [Output],
        clock: TrialClock,
        begins: @escaping (_ expected: [Output], _ produced: [Output]) -> Bool
    ) {
        self.clock = clock
        self.inputs = inputs
        self.outputs = outputs
        self.begins = begins
        consumer = stage
        object = stage
        attach = { (consumer, atEnd, done) throws(RegistrationError) in
            try stage.attach(to: consumer, atEnd: atEnd, done: done)
        }
    }

    /// Creates a fixture of a stage whose sides are different objects, such as one with several producers.
    ///
    /// - Parameters:
    ///   - object: The object that must go when both sides have ended; nil if others may hold it.
    ///   - consumer: Its consuming side.
    ///   - inputs: What the kit writes to it, in this order.
    ///   - outputs: All that comes out for these inputs and an orderly end behind them.
    ///   - clock: The turns and the time that the stage lives by.
    ///   - begins: Whether the first list begins with the second.
    ///   - attach: Attaches its producing side to this consumer.
    public init(
        object: AnyObject?,
        consumer: any Consumer<Input>,
        inputs: [Input],
        outputs: [Output],
        clock: TrialClock,
        begins: @escaping (_ expected: [Output], _ produced: [Output]) -> Bool,
        attach:
            @escaping (any Consumer<Output>, EndPolicy, @escaping (FlowResult) -> Void) throws(RegistrationError) ->
            Void
    ) {
        self.object = object
        self.consumer = consumer
        self.inputs = inputs
        self.outputs = outputs
        self.clock = clock
        self.begins = begins
        self.attach = attach
    }
}

extension StageFixture where Output: Equatable {
    /// Creates a fixture whose outputs must be the expected ones one by one.
    ///
    /// - Parameters:
    ///   - stage: The subject.
    ///   - inputs: What the kit writes to it, in this order.
    ///   - outputs: All that comes out for these inputs and an orderly end behind them.
    ///   - clock: The turns and the time that the stage lives by.
    public init<Subject: Consumer<Input> & Source<Output>>(
        _ stage: Subject,
        inputs: [Input],
        outputs: [Output],
        clock: TrialClock
    ) {
        self.init(stage, inputs: inputs, outputs: outputs, clock: clock, begins: { $0.starts(with: $1) })
    }
}

@available(*, unavailable)
extension StageFixture: Sendable {}

@available(*, unavailable)
extension StageFixture.Yield: Sendable {}
