/// How much all streams of one event loop may move in a turn before I/O gets its chance (C5.5).
///
/// The budget belongs to the loop and is divided among the streams that are active in it, so that no stream delays
/// another for long. A stream that has used up its share goes on in the next turn.
///
/// The time of a turn counts from the first step in it. Between two looks at the clock the steps are few as long as they
/// are slow, and up to 32 once they have shown to be quick.
public final class TurnBudget {
    /// What one stream has used of the current turn.
    public struct Share: Sendable {
        /// What was written since the budget was last consulted.
        public var pending = 0
        fileprivate var turn: UInt64 = 0
        fileprivate var used = 0

        /// Creates an unused share.
        public init() {}
    }

    /// The weight a turn may move; about 1 MiB.
    public var weightPerTurn: Int {
        get { counts.value.weightPerTurn }
        set { counts.value.weightPerTurn = newValue }
    }
    /// The time a turn may take.
    public var timePerTurn: Duration {
        get { counts.value.timePerTurn }
        set {
            counts.value.timePerTurn = newValue
            counts.value.quickStep = newValue / 32
        }
    }
    /// What every active stream may move in a turn, however many there are.
    public var leastShare: Int {
        get { counts.value.leastShare }
        set { counts.value.leastShare = newValue }
    }

    private struct Counts {
        var weightPerTurn = 1 << 20
        var timePerTurn = Duration.milliseconds(1)
        /// What takes less between two looks at the clock is quick.
        var quickStep = Duration.milliseconds(1) / 32
        var leastShare = 64 << 10
        var turn: UInt64 = 1
        var used = 0
        var active = 0
        var activeBefore = 0
        var isNew = true
        var isTimeUp = false
        var beganByItself = false
        var startedAt = Duration.zero
        var readAt = Duration.zero
        /// After how many steps the clock is read, and how many of them are left.
        var interval = 1
        var untilRead = 1
    }

    private let counts = Cell(Counts())
    private let now: () -> Duration

    /// Creates a budget.
    ///
    /// - Parameter now: The time, read every few steps.
    public init(now: @escaping () -> Duration) {
        self.now = now
    }

    /// The number of the current turn; changes whenever one begins.
    public var number: UInt64 { counts.value.turn }

    /// Begins the next turn; called by the scheduler before it runs the work of a later turn.
    public func begin() {
        next()
        counts.value.beganByItself = false
    }

    /// Whether a stream may take another step in this turn; charges what it has written since it last asked.
    ///
    /// Every stream gets at least one step a turn.
    public func admits(_ share: inout Share) -> Bool {
        // A step that writes nothing costs something too, or a stream of them would hold the loop.
        let pending = max(share.pending, 1)
        share.pending = 0
        let isInTime = hasTime()
        counts.value.used &+= pending
        guard share.turn == counts.value.turn else {
            share.turn = counts.value.turn
            share.used = 0
            counts.value.active &+= 1
            return true
        }
        share.used &+= pending
        let streams = max(counts.value.active, counts.value.activeBefore, 1)
        if share.used >= max(leastShare, weightPerTurn / streams) { return false }
        if counts.value.used >= weightPerTurn, share.used >= leastShare { return false }
        return isInTime
    }

    private func next() {
        counts.value.turn &+= 1
        counts.value.used = 0
        counts.value.activeBefore = counts.value.active
        counts.value.active = 0
        counts.value.isNew = true
        counts.value.isTimeUp = false
        counts.value.untilRead = 1
    }

    /// Whether the turn has time left, as far as is known: reading the clock costs more than the step of a light stream.
    private func hasTime() -> Bool {
        counts.value.untilRead &-= 1
        return counts.value.untilRead > 0 || readTime()
    }

    private func readTime() -> Bool {
        counts.value.untilRead = 1
        guard !counts.value.isTimeUp else { return false }
        let time = now()
        let passed = time - counts.value.readAt
        counts.value.readAt = time
        // The first comparison spares the multiplication, which costs more than reading the clock.
        let timePerTurn = counts.value.timePerTurn
        if passed >= timePerTurn, !counts.value.isNew, !counts.value.beganByItself,
            passed >= timePerTurn * (16 * counts.value.interval)
        {
            // After so long the loop must have come around. Steps that take as long would look the same, so this is believed
            // once, until the scheduler begins a turn (C5.5).
            next()
            counts.value.beganByItself = true
        }
        guard !counts.value.isNew else {
            counts.value.isNew = false
            counts.value.startedAt = time
            counts.value.interval = 1
            return true
        }
        counts.value.isTimeUp = time - counts.value.startedAt >= timePerTurn
        guard !counts.value.isTimeUp else { return false }
        // If the next steps are like the last, those between two looks take a small part of the turn.
        counts.value.interval = passed < counts.value.quickStep ? min(counts.value.interval * 2, 32) : 1
        counts.value.untilRead = counts.value.interval
        return true
    }
}

@available(*, unavailable)
extension TurnBudget: Sendable {}
