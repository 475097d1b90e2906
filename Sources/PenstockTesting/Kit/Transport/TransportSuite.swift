/// Checks that a transport keeps the rules of the contract that concern a stream both ways: connecting, the level at the
/// kernel, every way to end, and the reading side.
///
/// That a transport is a good consumer of what goes out is for the suite of consumers to check.
///
/// ```swift
/// let suite = TransportSuite("my transport", traits: TransportTraits(unit: 10)) { setup in
///     let clock = VirtualClock()
///     let transport = MyTransport(marks: setup.marks, scheduler: clock)
///     var subject = TransportUnderTest(transport, clock: TrialClock(clock), peer: peer, element: { $0 }, bytes: { $0 })
///     subject.onEnd = { transport.onEnd = $0 }
///     return subject
/// }
/// print(await suite.run())
/// ```
public struct TransportSuite<Element>: ConformanceSuite {
    /// A fresh transport.
    public typealias Trial = TransportTrial<Element>

    /// The name of the transport.
    public let subject: String
    /// What is particular about it.
    public let traits: TransportTraits
    /// How thorough, and which rules are left out.
    public let options: KitOptions

    private let make: (TransportSetup) async throws -> TransportUnderTest<Element>

    /// Creates a suite.
    ///
    /// - Parameters:
    ///   - subject: The name of the transport.
    ///   - traits: What is particular about it.
    ///   - options: How thorough, and which rules are left out.
    ///   - make: Makes a transport for one check, with a peer that reads nothing yet; throws ``NotApplicable`` if it cannot be
    ///     set up so.
    public init(
        _ subject: String,
        traits: TransportTraits = TransportTraits(),
        options: KitOptions = KitOptions(),
        make: @escaping (TransportSetup) async throws -> TransportUnderTest<Element>
    ) {
        self.subject = subject
        self.traits = traits
        self.options = options
        self.make = make
    }

    /// It is tested as a transport.
    public var role: String { "transport" }

    /// The rules that this suite checks.
    public static var rules: [ContractRule] {
        [
            .c1_4, .c1_8, .c2_4, .c4_6, .c6_2, .c6_3, .c6_4, .c6_5, .c6_6, .c6_7, .c6_9, .c7_1, .c7_2, .c7_3, .c7_4,
            .c7_5,
            .c7_6, .c7_7, .c10_3,
        ]
    }

    /// The checks of a rule.
    public func checks(of rule: ContractRule) -> [ConformanceCheck<Trial>] {
        switch rule {
        case .c1_4: Self.connecting
        case .c1_8: Self.upgrading
        case .c2_4: Self.proceeding
        case .c4_6: Self.level(orders: options.randomOrders)
        case .c6_2: Self.loss
        case .c6_3: Self.finishing + Self.lingering
        case .c6_4: Self.halfClosing
        case .c6_5: Self.aborting
        case .c6_6: Self.failing
        case .c6_7: Self.secondErrors
        case .c6_9: Self.telling
        case .c7_1: Self.pausing
        case .c7_2: Self.newsWhilePaused
        case .c7_3: Self.endOfInput
        case .c7_4: Self.earlyAndLate
        case .c7_5: Self.nobodyThere
        case .c7_6: Self.pastAPause
        case .c7_7: Self.stopping
        case .c10_3: Self.limiting
        default: []
        }
    }

    /// Makes what one check works with.
    public func makeTrial(seed: UInt64) async throws -> Trial {
        TransportTrial(traits: traits, options: options, seed: seed, make: make)
    }
}

@available(*, unavailable)
extension TransportSuite: Sendable {}
