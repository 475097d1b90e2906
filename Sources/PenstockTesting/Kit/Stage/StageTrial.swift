import Penstock

/// One check's fresh stage, the consumer behind it, and the producers before it.
public final class StageTrial<Input, Output>: ConformanceTrial {
    let subject: StageUnderTest<Input, Output>
    let recorder = Recorder()
    let probe: ProducerProbe<Output>
    let clock: TrialClock
    let inputs: [Input]
    /// What has to come out; nothing else may.
    var outputs: [Output]
    /// Nil once the check has let go of the stage.
    private(set) var fixture: StageFixture<Input, Output>?
    private(set) var results: [FlowResult] = []
    private(set) var feeders: [StageFeeder<Input>] = []
    var dice: SeededRandom

    init(_ subject: StageUnderTest<Input, Output>, seed: UInt64) async throws {
        self.subject = subject
        let fixture = try await subject.make()
        self.fixture = fixture
        clock = fixture.clock
        inputs = fixture.inputs
        outputs = fixture.outputs
        dice = SeededRandom(seed: seed)
        probe = ProducerProbe(
            wanting: 0,
            scheduler: fixture.clock.scheduler,
            recorder: recorder,
            weight: fixture.outputWeight,
            describe: fixture.describeOutput
        )
    }

    /// The calls of the stage and of its producers, which are named `up`, and the signals they got.
    public var calls: [String] { recorder.calls }

    // MARK: Acting

    /// The stage and what is around it.
    func alive() throws -> StageFixture<Input, Output> {
        guard let fixture else { throw TrialFailure("the check has let go of its subject") }
        return fixture
    }

    /// The consuming side.
    var stage: any Consumer<Input> {
        get throws { try alive().consumer }
    }

    /// How the consuming side stands.
    var snapshot: FlowSnapshot {
        get throws { try alive().consumer.snapshot }
    }

    /// Attaches the stage to ``probe``.
    func attach(_ atEnd: EndPolicy = .finish) throws {
        try alive().attach(probe, atEnd) { [weak self] result in
            self?.recorder.record("done \(result.end.code)")
            self?.results.append(result)
        }
    }

    /// Registers a producer with the stage, which writes all inputs, or those given.
    @discardableResult
    func feed(
        _ kind: StageFeeder<Input>.Kind,
        _ inputs: [Input]? = nil,
        ending: StageFeeder<Input>.Ending = .finish
    ) throws -> StageFeeder<Input> {
        let fixture = try alive()
        let feeder = StageFeeder(
            kind,
            inputs ?? self.inputs,
            ending: ending,
            recorder: recorder,
            describe: fixture.describe
        )
        feeders.append(feeder)
        try feeder.start(into: fixture.consumer)
        return feeder
    }

    /// Lets everything happen that happens by itself.
    func settle() async throws { try await clock.comeToRest() }

    /// Lets what happened at one side be known at the other, if that takes turns.
    func reach() async throws {
        if try alive().crossesDomains { try await settle() }
    }

    /// Wants everything, and waits for it.
    func takeAll() async throws {
        probe.want()
        try await settle()
    }

    /// Wants one output after another, to the end.
    func takeOneByOne() async throws {
        for _ in 0...(2 * outputs.count + 4) where !probe.isOver && probe.end == nil {
            probe.want(1)
            try await settle()
        }
    }

    /// Gives signals in random order from behind.
    func takeAtRandom() async throws {
        let scheduler = clock.scheduler
        probe.onWrite = { [unowned self] _ in
            switch dice.below(6) {
            case 0: probe.holdBack()
            case 1:
                probe.holdBack()
                scheduler.onLaterTurn { [weak probe] in probe?.want(2) }
            default: break
            }
        }
        for _ in 0..<(2 * outputs.count) {
            switch dice.below(6) {
            case 0, 1: probe.want(1 + dice.below(4))
            case 2: probe.holdBack()
            case 3: probe.repeatSignal()
            case 4: try await settle()
            default: await clock.runTurn()
            }
        }
        probe.onWrite = nil
    }

    /// Lets go of the stage, and answers whether nobody else holds it.
    func isForgotten() async throws -> Bool {
        weak let object = try alive().object
        guard object != nil else { throw NotApplicable("others may hold it after its end") }
        fixture = nil
        feeders = []
        try await settle()
        return object == nil
    }

    // MARK: Judging

    func expect(_ condition: Bool, _ problem: @autoclosure () throws -> String) throws {
        if !condition { throw TrialFailure(try problem()) }
    }

    func needs(_ count: Int) throws {
        if inputs.count < count || outputs.count < count {
            throw NotApplicable("it has fewer than \(count) inputs or outputs")
        }
    }

    func expectWhole() throws {
        let produced = probe.received
        let begins = try alive().begins
        let isWhole = begins(outputs, produced) && begins(produced, outputs)
        try expect(isWhole, "of \(outputs.count) expected outputs, \(produced.count) came, or others")
    }

    /// The highest level that the contract allows it: its high mark and one input (C8.2, C10.2).
    func bound(for inputs: [Input]) throws -> Int {
        guard let marks = try snapshot.marks else { throw NotApplicable("it has no marks") }
        return marks.high + (inputs.map(try alive().weight).max() ?? 1)
    }

    /// Finds outputs in a wrong order, illegal signals on either side, and a result at the wrong time.
    public func audit() async throws {
        let violations = probe.violations + feeders.flatMap(\.violations)
        try expect(violations.isEmpty, violations.first ?? "")
        guard let fixture else { return }
        try expect(fixture.begins(outputs, probe.received), "an output is wrong, doubled, missing or out of order")
        let isOver = probe.isOver || probe.stops > 0
        let state = isOver ? "is over" : "goes on"
        try expect(
            results.count == (isOver ? 1 : 0),
            "the result of the flow was told \(results.count) times, and the flow \(state)"
        )
        let snapshot = fixture.consumer.snapshot
        let left = snapshot.delivery.accepted.weight - snapshot.delivery.dropped.weight
        try expect(0...max(0, left) ~= snapshot.level, "its level is \(snapshot.level), and it has taken \(left)")
    }

    /// Ends what is left of the flow, and what the fixture needs.
    public func close() async {
        probe.end(.aborted)
        fixture?.consumer.abort(.aborted)
        if clock.isReal { await clock.settle() }
        await fixture?.close()
    }
}

@available(*, unavailable)
extension StageTrial: Sendable {}
