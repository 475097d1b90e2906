/// Tries a producer by every rule of the contract that a producer can break.
///
/// It is started into consumers that want few elements or many, pause at every moment, and end at every moment; what it writes
/// is compared with what it has to write. Nothing is taken from a `Gate`, so it may be a producer of any make.
public struct ProducerSuite<Element>: ConformanceSuite {
    /// The producer.
    public let producer: ProducerUnderTest<Element>
    /// How thorough, and which rules are left out.
    public var options: KitOptions

    /// Creates a suite.
    ///
    /// - Parameters:
    ///   - producer: The producer.
    ///   - options: How thorough, and which rules are left out.
    public init(_ producer: ProducerUnderTest<Element>, options: KitOptions = KitOptions()) {
        self.producer = producer
        self.options = options
    }

    /// The rules that a producer can break, in the order of the contract.
    public static var rules: [ContractRule] {
        [
            .c1_1, .c1_2, .c1_3, .c1_5, .c1_6, .c1_7, .c1_9, .c2_2, .c3_7, .c4_4, .c4_5, .c4_7, .c4_8,
            .c5_1, .c5_3, .c5_5, .c5_6, .c6_1, .c6_6, .c6_7, .c6_8, .c9_3, .c9_4, .c10_2, .c10_3,
        ]
    }

    /// The name of the producer.
    public var subject: String { producer.name }

    /// `push producer` or `pull producer`.
    public var role: String { "\(producer.kind) producer" }

    /// Makes a trial for one check.
    public func makeTrial(seed: UInt64) async throws -> ProducerTrial<Element> {
        try await ProducerTrial(producer, seed: seed)
    }

    /// The checks of a rule.
    public func checks(of rule: ContractRule) -> [ConformanceCheck<ProducerTrial<Element>>] {
        switch rule {
        case .c1_1: oneProducer
        case .c1_2: kind
        case .c1_3: afterTheEnd
        case .c1_5: whileEnding
        case .c1_6: startsRunning
        case .c1_7: firstQuestion
        case .c1_9: keeping
        case .c2_2: successors
        case .c3_7: order
        case .c4_4: insideSignals
        case .c4_5: repeatedSignals
        case .c4_7: skid
        case .c4_8: wakeUps
        case .c5_1: oneAnswer
        case .c5_3: lateAnswers
        case .c5_5: turns
        case .c5_6: pullAsPush
        case .c6_1: stops
        case .c6_6: travellingEnd
        case .c6_7: firstError
        case .c6_8: results
        case .c9_3: crossing
        case .c9_4: cancellation
        case .c10_2: peak
        case .c10_3: bounds
        default: []
        }
    }
}

@available(*, unavailable)
extension ProducerSuite: Sendable {}
