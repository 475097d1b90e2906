import DequeModule

/// A scheduler for programs without an event loop: whoever owns it turns it.
///
/// `runTurn()` runs what was put off until a later turn and every timer that is due. A command-line program calls it in
/// its main loop; `PenstockTesting` builds its virtual clock on it.
public final class ManualScheduler: Scheduler {
    /// A closure kept in a generic collection by itself would be wrapped anew, which allocates.
    private struct Turn {
        var work: () -> Void
    }

    private struct Timer {
        var deadline: Duration
        var number: UInt64
        var work: ScheduledWork
    }

    private let clock: () -> Duration
    private var turns: Deque<Turn> = []
    private var timers: [Timer] = []
    private var numbers: UInt64 = 0
    private let board: BellBoard
    private let wake: (@Sendable () -> Void)?
    private var isTurning = false

    /// The budget that the streams of this scheduler share.
    public let turn: TurnBudget

    /// Creates a scheduler.
    ///
    /// - Parameters:
    ///   - now: The time since some fixed moment; must never go back.
    ///   - wake: Called when a turn has something to do, and there was nothing before: by whatever thread rings a ``Bell``, or
    ///     by what puts work off. It has to see to it that `runTurn()` is called, and must not call it itself. It is not called
    ///     for timers; ``nextDeadline`` tells of those.
    public init(now: @escaping () -> Duration, wake: (@Sendable () -> Void)? = nil) {
        clock = now
        turn = TurnBudget(now: now)
        self.wake = wake
        board = BellBoard(wake: wake ?? {})
    }

    /// Creates a scheduler on the continuous clock.
    ///
    /// - Parameter wake: Called when a turn has something to do, and there was nothing before; see ``init(now:wake:)``.
    public convenience init(wake: (@Sendable () -> Void)? = nil) {
        let clock = ContinuousClock()
        let start = clock.now
        self.init(now: { start.duration(to: clock.now) }, wake: wake)
    }

    /// The time since the scheduler was made, or whatever its clock says.
    public var now: Duration { clock() }

    /// Whether no turn, no timer and no bell is waiting.
    public var isIdle: Bool { turns.isEmpty && timers.isEmpty && !board.isRung }

    /// When there is something to do next: at once if a turn or a bell is waiting, nil if nothing is.
    public var nextDeadline: Duration? {
        turns.isEmpty && !board.isRung ? timers.first?.deadline : now
    }

    /// Runs the work in the next `runTurn()`.
    public func onLaterTurn(_ work: @escaping () -> Void) {
        turns.append(Turn(work: work))
        if !isTurning, turns.count == 1 { wake?() }
    }

    /// Makes something by which others have the work run in the next `runTurn()`.
    public func makeBell(_ work: @escaping () -> Void) -> Bell { board.makeBell(work) }

    /// Runs the work in the first `runTurn()` after the duration has passed.
    ///
    /// Costs time linear in the number of timers.
    @discardableResult
    public func schedule(after delay: Duration, _ work: @escaping () -> Void) -> ScheduledWork {
        let scheduled = ScheduledWork(work)
        numbers += 1
        let number = numbers
        let timer = Timer(deadline: now + delay, number: number, work: scheduled)
        let index = timers.lastIndex { $0.deadline <= timer.deadline }.map { $0 + 1 } ?? 0
        timers.insert(timer, at: index)
        scheduled.onCancel = { [weak self] in self?.timers.removeAll { $0.number == number } }
        return scheduled
    }

    /// Runs what was put off until this turn, what bells have called for, and the timers that are due; work that they put off
    /// waits for the next.
    ///
    /// - Returns: Whether anything ran.
    @discardableResult
    public func runTurn() -> Bool {
        turn.begin()
        isTurning = true
        var ran = false
        let time = now
        let newest = numbers
        while let timer = timers.first, timer.deadline <= time, timer.number <= newest {
            timers.removeFirst()
            timer.work.run()
            ran = true
        }
        for _ in 0..<turns.count {
            guard let turn = turns.popFirst() else { break }
            turn.work()
            ran = true
        }
        if board.answer() { ran = true }
        isTurning = false
        if !turns.isEmpty { wake?() }
        return ran
    }

    /// Turns until nothing is left to do in this moment.
    ///
    /// - Parameter turns: The number of turns after which to give up, so that a stream without end does not hold the caller.
    /// - Returns: Whether everything was done.
    @discardableResult
    public func runUntilIdle(turns: Int = .max) -> Bool {
        for _ in 0..<turns where !runTurn() { return true }
        return false
    }
}

@available(*, unavailable)
extension ManualScheduler: Sendable {}
