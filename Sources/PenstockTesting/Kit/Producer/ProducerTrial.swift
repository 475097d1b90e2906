import Penstock

/// One check's fresh producer, and the consumer it is tried with.
public final class ProducerTrial<Element>: ConformanceTrial {
    let subject: ProducerUnderTest<Element>
    let recorder = Recorder()
    /// The consumer that most checks use; it wants nothing at first.
    private(set) var probe: ProducerProbe<Element>
    /// Nil once the check has let go of the subject.
    private(set) var fixture: ProducerFixture<Element>?
    private(set) var clock: TrialClock
    private(set) var expected: [Element]
    private(set) var results: [FlowResult] = []
    var dice: SeededRandom
    /// Whether the subject was started into ``probe`` and the audit looks there.
    private var isStarted = false

    init(_ subject: ProducerUnderTest<Element>, seed: UInt64) async throws {
        self.subject = subject
        let fixture = try await subject.make()
        self.fixture = fixture
        clock = fixture.clock
        expected = fixture.expected
        dice = SeededRandom(seed: seed)
        probe = ProducerTrial.makeProbe(fixture, subject, recorder)
    }

    /// The calls of the subject and the signals it got.
    public var calls: [String] { recorder.calls }

    // MARK: Acting

    /// Goes on with a subject that fails by itself after its elements.
    func exchangeForFailing() async throws {
        guard let make = subject.makeFailing else { throw NotApplicable("it cannot fail by itself") }
        await fixture?.close()
        let fixture = try await make()
        self.fixture = fixture
        clock = fixture.clock
        expected = fixture.expected
        probe = ProducerTrial.makeProbe(fixture, subject, recorder)
    }

    /// Another consumer of the same kind as ``probe``.
    func makeProbe(wanting wanted: Int = 0) throws -> ProducerProbe<Element> {
        ProducerTrial.makeProbe(try alive(), subject, recorder, wanting: wanted)
    }

    /// The subject and what is around it.
    func alive() throws -> ProducerFixture<Element> {
        guard let fixture else { throw TrialFailure("the check has let go of its subject") }
        return fixture
    }

    /// Starts the subject into ``probe``.
    func start(_ atEnd: EndPolicy = .finish) throws {
        isStarted = true
        try start(into: probe, atEnd)
    }

    /// Starts the subject into any consumer.
    func start(into consumer: any Consumer<Element>, _ atEnd: EndPolicy = .finish) throws {
        try alive().start(consumer, atEnd) { [weak self] result in
            self?.recorder.record("done \(result.end.code)")
            self?.results.append(result)
        }
    }

    /// Answers the error that starting into a consumer throws.
    func refusal(by consumer: any Consumer<Element>) throws -> RegistrationError? {
        do { try start(into: consumer) } catch let error as RegistrationError { return error }
        return nil
    }

    /// Lets everything happen that happens by itself.
    func settle() async throws { try await clock.comeToRest() }

    /// Lets some time pass, if that costs none.
    func pass(_ duration: Duration) async throws {
        await clock.advance(clock.isReal ? .milliseconds(1) : duration)
        try await settle()
    }

    /// Wants everything, and waits for it.
    func takeAll() async throws {
        probe.want()
        try await settle()
    }

    /// Lets go of the subject, and answers whether nobody else holds it.
    func isForgotten() async throws -> Bool {
        weak let object = try alive().object
        guard object != nil else { throw NotApplicable("others may hold it after its end") }
        fixture = nil
        try await settle()
        return object == nil
    }

    // MARK: Judging

    func expect(_ condition: Bool, _ problem: @autoclosure () throws -> String) throws {
        if !condition { throw TrialFailure(try problem()) }
    }

    func needs(_ elements: Int) throws {
        if expected.count < elements { throw NotApplicable("it has fewer than \(elements) elements") }
    }

    func needs(_ kind: ProducerUnderTest<Element>.Kind) throws {
        if subject.kind != kind { throw NotApplicable("it is a \(subject.kind) producer") }
    }

    func needsResult() throws {
        if try !alive().tellsResult { throw NotApplicable("it tells nobody the result of its flow") }
    }

    /// Whether everything that is expected has come.
    func isWhole(_ elements: [Element]) throws -> Bool {
        let begins = try alive().begins
        return begins(expected, elements) && begins(elements, expected)
    }

    func expectWhole() throws {
        let produced = probe.received.count
        try expect(try isWhole(probe.received), "of \(expected.count) expected elements, \(produced) came, or others")
    }

    /// The one result of the flow.
    func result() throws -> FlowResult {
        try expect(results.count == 1, "the result of the flow was told \(results.count) times, not once")
        return results[0]
    }

    /// Finds elements in a wrong order, elements that nobody wanted, and a result at the wrong time.
    public func audit() async throws {
        try expect(probe.violations.isEmpty, probe.violations.first ?? "")
        guard let fixture, isStarted else { return }
        try expect(fixture.begins(expected, probe.received), "an element is wrong, doubled, missing or out of order")
        guard fixture.tellsResult else { return }
        let isOver = probe.isOver || probe.stops > 0  // stopped before it was registered
        let state = isOver ? "is over" : "goes on"
        let problem = "the result of the flow was told \(results.count) times, and the flow \(state)"
        try expect(results.count == (isOver ? 1 : 0), problem)
    }

    /// Ends what is left of the flow, and what the fixture needs.
    public func close() async {
        probe.end(.aborted)
        if clock.isReal { await clock.settle() }
        await fixture?.close()
    }

    private static func makeProbe(
        _ fixture: ProducerFixture<Element>,
        _ subject: ProducerUnderTest<Element>,
        _ recorder: Recorder,
        wanting wanted: Int = 0
    ) -> ProducerProbe<Element> {
        let probe = ProducerProbe(
            wanting: wanted,
            scheduler: fixture.clock.scheduler,
            recorder: recorder,
            weight: fixture.weight,
            describe: fixture.describe
        )
        probe.skid = subject.skid
        return probe
    }
}

@available(*, unavailable)
extension ProducerTrial: Sendable {}
