public import Penstock

/// What a stage with several consumers states about them (C8.4).
public struct StageBranches<Output> {
    /// What becomes of a consumer that is further behind than the stated lag.
    public enum Laggard: Hashable, Sendable {
        /// It misses the oldest outputs, which are counted by ``StageBranches/missed``.
        case misses
        /// Its branch ends, and not in order.
        case ends
    }

    /// At whose pace the stage goes.
    public enum Pace: Hashable, Sendable {
        /// The slowest consumer's: nobody misses anything, and what waits for the slowest counts in the level.
        case slowest
        /// The quickest consumer's, as long as nobody is more than this many outputs behind; then the policy applies.
        case lag(_ outputs: Int, _ laggard: Laggard)
    }

    /// What follows when one of several consumers ends.
    public enum Departure: Hashable, Sendable {
        /// The others go on.
        case othersGoOn
        /// The whole stage ends.
        case endsAll
    }

    /// Attaches one more consumer, beside that of ``StageFixture/attach``, before anything has been written.
    public var attach: (any Consumer<Output>) throws(RegistrationError) -> Void
    /// At whose pace the stage goes.
    public var pace: Pace
    /// What follows when a consumer ends.
    public var departure: Departure
    /// How many outputs the consumers have missed, all together; needed for ``Laggard/misses``.
    public var missed: (() -> Int)?

    /// States what becomes of several consumers.
    ///
    /// - Parameters:
    ///   - pace: At whose pace the stage goes.
    ///   - departure: What follows when a consumer ends.
    ///   - attach: Attaches one more consumer.
    public init(
        pace: Pace,
        departure: Departure,
        attach: @escaping (any Consumer<Output>) throws(RegistrationError) -> Void
    ) {
        self.pace = pace
        self.departure = departure
        self.attach = attach
    }
}

@available(*, unavailable)
extension StageBranches: Sendable {}
