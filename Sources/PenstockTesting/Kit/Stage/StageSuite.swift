/// Tries a stage by the rules of the contract for stages, with a producer before it and a consumer behind it.
///
/// What comes out is compared with what has to; the producing side is tried by ``ProducerSuite`` as well (C8.1). Try the
/// consuming side by the suite for consumers, too.
public struct StageSuite<Input, Output>: ConformanceSuite {
    /// The stage.
    public let stage: StageUnderTest<Input, Output>
    /// How thorough, and which rules are left out.
    public var options: KitOptions

    /// Creates a suite.
    ///
    /// - Parameters:
    ///   - stage: The stage.
    ///   - options: How thorough, and which rules are left out.
    public init(_ stage: StageUnderTest<Input, Output>, options: KitOptions = KitOptions()) {
        self.stage = stage
        self.options = options
    }

    /// The rules that a stage can break as a stage, in the order of the contract.
    public static var rules: [ContractRule] {
        [
            .c1_9, .c2_5, .c3_7, .c4_6, .c4_7, .c4_8, .c4_9, .c6_1, .c6_6, .c6_7,
            .c8_1, .c8_2, .c8_3, .c8_4, .c8_5, .c10_2, .c10_3,
        ]
    }

    /// The name of the stage.
    public var subject: String { stage.name }

    /// `stage`.
    public var role: String { "stage" }

    /// Makes a trial for one check.
    public func makeTrial(seed: UInt64) async throws -> StageTrial<Input, Output> {
        try await StageTrial(stage, seed: seed)
    }

    /// The checks of a rule.
    public func checks(of rule: ContractRule) -> [ConformanceCheck<StageTrial<Input, Output>>] {
        switch rule {
        case .c1_9: keeping
        case .c2_5: changeOfProducer
        case .c3_7: order
        case .c4_6: level
        case .c4_7: pausedOutput
        case .c4_8: wakeUps
        case .c4_9: waits
        case .c6_1: stops
        case .c6_6: travellingEnd
        case .c6_7: firstError
        case .c8_1: consumingSide + producingSide
        case .c8_2: yields
        case .c8_3: flushAndFailure
        case .c8_4: branches + inlets
        case .c8_5: drops
        case .c10_2: peak
        case .c10_3: bounds
        default: []
        }
    }
}

@available(*, unavailable)
extension StageSuite: Sendable {}
