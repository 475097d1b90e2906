public import Penstock

/// Tries every rule of the contract that can be observed on a consumer.
///
/// ```swift
/// let suite = ConsumerSuite<Int>("my queue") { marks in … }
/// print(await suite.run())
/// ```
///
/// See ``ConsumerUnderTest`` for what the factory makes. The marks must have room for a few of the lightest elements: the
/// low mark at least 4 of them, the high mark at least 8.
public struct ConsumerSuite<Element>: ConformanceSuite {
    /// A fresh consumer and what is recorded about it.
    public typealias Trial = ConsumerTrial<Element>
    typealias Check = ConformanceCheck<Trial>

    /// The name of the consumer.
    public let subject: String
    /// Always `consumer`.
    public var role: String { "consumer" }
    /// How thorough, and which rules are left out.
    public let options: KitOptions
    /// The marks that the factory is given.
    public let marks: Watermarks

    private let make: (Watermarks) async throws -> ConsumerUnderTest<Element>

    /// Creates a suite.
    ///
    /// - Parameters:
    ///   - subject: The name of the consumer.
    ///   - marks: The marks of every fresh consumer, in units of weight.
    ///   - options: How thorough, and which rules are left out.
    ///   - make: Makes a fresh consumer with these marks, in the isolation of the caller.
    public init(
        _ subject: String,
        marks: Watermarks = Watermarks(low: 40, high: 80),
        options: KitOptions = KitOptions(),
        make: @escaping (Watermarks) async throws -> ConsumerUnderTest<Element>
    ) {
        self.subject = subject
        self.marks = marks
        self.options = options
        self.make = make
    }

    /// The rules that this suite checks.
    public static var rules: [ContractRule] { table.map(\.rule) }

    private static var table: [(rule: ContractRule, checks: (KitOptions) -> [Check])] {
        [
            (.c1_1, { _ in oneProducer() }), (.c1_2, { _ in pushOrPull() }), (.c1_3, { _ in afterTheEnd() }),
            (.c1_4, { _ in beforeTheConnection() }), (.c1_5, { _ in whileEnding() }), (.c1_6, { _ in startsRunning() }),
            (.c1_7, { _ in firstAsked() }), (.c1_9, { _ in whoKeepsWhom() }),
            (.c2_1, { _ in silent() }), (.c2_2, { _ in legalEverywhere() }), (.c2_3, { _ in cleanSlate() }),
            (.c2_4, { _ in endProceeds() }), (.c2_5, { _ in goesOut() }),
            (.c3_1, { _ in alwaysTaken() }), (.c3_2, { _ in tooLate() }), (.c3_3, { _ in everybodysWrites() }),
            (.c3_4, { _ in nothingToQueue() }), (.c3_5, { _ in oneDecision() }), (.c3_6, { _ in largeElement() }),
            (.c3_7, order),
            (.c4_1, { _ in pauses() }), (.c4_2, { _ in resumes() }), (.c4_3, { _ in balanced() }),
            (.c4_4, anythingGoes),
            (.c4_5, { _ in notCounted() }), (.c4_6, exactLevel), (.c4_8, noLostWakeUp),
            (.c4_9, { _ in waitingHasAName() }),
            (.c5_1, { _ in oneQuestion() }), (.c5_2, { _ in whenAsked() }), (.c5_3, { _ in answeringLater() }),
            (.c5_4, { _ in emptyAnswer() }), (.c5_5, { _ in sharesTheLoop() }),
            (.c6_1, { _ in stoppedOnce() }), (.c6_2, { _ in orderOfALoss() }), (.c6_3, { _ in graceful() }),
            (.c6_5, { _ in atOnce() }), (.c6_6, { _ in endTravels() }), (.c6_7, { _ in firstErrorWins() }),
            (.c6_9, { _ in toldOnce() }),
            (.c8_5, { _ in nothingInSilence() }), (.c10_2, peak), (.c10_3, { _ in bounded() }),
        ]
    }

    /// The checks of a rule.
    public func checks(of rule: ContractRule) -> [ConformanceCheck<ConsumerTrial<Element>>] {
        let checks = Self.table.first { $0.rule == rule }?.checks(options) ?? []
        guard rule != .c1_4 else { return checks }
        return checks.map { check in
            ConformanceCheck(check.name, times: check.times) { trial in
                await trial.connect()
                try await check.body(trial)
            }
        }
    }

    /// Makes a fresh consumer and what is recorded about it.
    ///
    /// - Throws: ``TrialFailure`` if the description cannot be right: marks that are too low, or a consumer that is not fresh.
    public func makeTrial(seed: UInt64) async throws -> ConsumerTrial<Element> {
        let subject = try await make(marks)
        let least = subject.leastWeight
        guard marks.low >= 4 * least, marks.high >= 8 * least else {
            throw TrialFailure(
                "an element weighs at least \(least), so the suite needs marks of at least \(4 * least) and \(8 * least), "
                    + "not \(marks.low) and \(marks.high)"
            )
        }
        let snapshot = subject.consumer.snapshot
        guard snapshot.kind == .none, snapshot.level == 0, snapshot.delivery == Delivery() else {
            throw TrialFailure("the factory has to make a fresh consumer for every check, and this one has been used")
        }
        return ConsumerTrial(subject, marks: marks, options: options, seed: seed)
    }

    /// The same check with both ways to have no room.
    static func eachWay(_ name: String, _ body: @escaping (Trial, Obstacle) async throws -> Void) -> [Check] {
        Obstacle.allCases.map { obstacle in
            Check("\(name), \(obstacle.words)") { trial in try await body(trial, obstacle) }
        }
    }
}

/// The error that a check fails a stream with.
struct CheckError: Error, Equatable, CustomStringConvertible {
    var name = "first"
    var description: String { "the \(name) error of the check" }
}

@available(*, unavailable)
extension ConsumerSuite: Sendable {}
