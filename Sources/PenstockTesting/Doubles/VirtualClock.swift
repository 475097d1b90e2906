public import Penstock

/// A scheduler whose time moves only when a test says so.
public final class VirtualClock: Scheduler {
    private final class Hands {
        var time = Duration.zero
    }

    private let hands = Hands()
    private let scheduler: ManualScheduler

    /// Creates a clock that shows zero.
    public init() {
        scheduler = ManualScheduler(now: { [hands] in hands.time })
    }

    /// The time that has been advanced so far.
    public var now: Duration { hands.time }

    /// The budget that the streams under test share.
    public var turn: TurnBudget { scheduler.turn }

    /// Whether neither a turn nor a timer is waiting.
    public var isIdle: Bool { scheduler.isIdle }

    /// Whether no turn would run anything without the time being moved.
    public var isSettled: Bool {
        guard let next = scheduler.nextDeadline else { return true }
        return next > now
    }

    /// Runs the work in the next ``runTurn()``.
    public func onLaterTurn(_ work: @escaping () -> Void) { scheduler.onLaterTurn(work) }

    /// Runs the work once the time has been advanced that far.
    @discardableResult
    public func schedule(after delay: Duration, _ work: @escaping () -> Void) -> ScheduledWork {
        scheduler.schedule(after: delay, work)
    }

    /// Makes something by which others, on any thread, have the work run in the next ``runTurn()``.
    public func makeBell(_ work: @escaping () -> Void) -> Bell { scheduler.makeBell(work) }

    /// Runs one turn without moving the time.
    ///
    /// - Returns: Whether anything ran.
    @discardableResult
    public func runTurn() -> Bool { scheduler.runTurn() }

    /// Runs turns without moving the time until nothing is due.
    ///
    /// - Parameter turns: The number of turns after which to give up.
    /// - Returns: Whether everything that was due has run.
    @discardableResult
    public func settle(turns: Int = 1_000_000) -> Bool { scheduler.runUntilIdle(turns: turns) }

    /// Moves the time, stopping at every timer on the way, and runs what is due at each.
    public func advance(by duration: Duration) {
        let target = hands.time + duration
        settle()
        while let deadline = scheduler.nextDeadline, deadline <= target {
            hands.time = max(hands.time, deadline)
            settle()
        }
        hands.time = target
        settle()
    }
}

@available(*, unavailable)
extension VirtualClock: Sendable {}
