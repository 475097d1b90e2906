import DequeModule
public import NIOCore
import NIOPosix
public import Penstock

/// The scheduler on an event loop: one for each loop, so that all its streams share one budget.
///
/// A later turn is a timer of a microsecond or more, because work that `execute` adds runs before the loop looks at its
/// sockets again. It also flushes what the transports of the loop have written, once a turn.
public final class EventLoopScheduler: Scheduler {
    /// A closure kept in a generic collection by itself would be wrapped anew, which allocates.
    private struct Turn {
        var work: () -> Void
    }

    private final class Registry {
        var schedulers: [EventLoopScheduler] = []
    }

    // Safe: each thread sees only its own registry, and no registry ever leaves its thread.
    nonisolated(unsafe) private static let registry = ThreadSpecificVariable<Registry>()

    /// The loop.
    public let eventLoop: any EventLoop
    /// The budget that all streams of the loop share.
    public let turn: TurnBudget

    private var turns: Deque<Turn> = []
    private var isTurnDue = false
    private var bell: TurnBell?
    private let board: BellBoard
    private var turnDelay = TimeAmount.microseconds(1)
    private var unflushed: Deque<ChannelTransport> = []
    private var isFlushDue = false
    private var isFlushing = false

    private init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        turn = TurnBudget(now: { .nanoseconds(Int64(clamping: eventLoop.now.uptimeNanoseconds)) })
        board = BellBoard(wake: {
            eventLoop.execute { EventLoopScheduler.current(on: eventLoop).board.answer() }
        })
    }

    /// The scheduler of a loop.
    ///
    /// - Precondition: Called on that loop (C9.2).
    public static func current(on eventLoop: any EventLoop) -> EventLoopScheduler {
        eventLoop.preconditionInEventLoop()
        let registry: Registry
        if let existing = Self.registry.currentValue {
            registry = existing
        } else {
            registry = Registry()
            Self.registry.currentValue = registry
        }
        // One thread runs one loop, but for the loops that tests embed.
        if let scheduler = registry.schedulers.first(where: { $0.eventLoop === eventLoop }) { return scheduler }
        let scheduler = EventLoopScheduler(eventLoop: eventLoop)
        registry.schedulers.append(scheduler)
        scheduler.bell = TurnBell.hang(on: eventLoop) { [weak scheduler] in scheduler?.runTurn() }
        return scheduler
    }

    /// The loop's own time.
    public var now: Duration { .nanoseconds(Int64(clamping: eventLoop.now.uptimeNanoseconds)) }

    /// Runs the work after the loop has looked at its sockets again.
    public func onLaterTurn(_ work: @escaping () -> Void) {
        turns.append(Turn(work: work))
        guard !isTurnDue else { return }
        isTurnDue = true
        setTurnTimer()
    }

    /// Sets a timer that is not due before the loop has looked at its sockets.
    ///
    /// What the loop does until then takes about as long as setting the timer, and in a debug build many times longer than in
    /// a release build.
    private func setTurnTimer() {
        if bell?.ring() == true { return }
        let before = eventLoop.now
        eventLoop.assumeIsolated().scheduleTask(in: turnDelay) { self.runTurn() }
        turnDelay = min(max((eventLoop.now - before) * 4, .microseconds(1)), .microseconds(100))
    }

    /// Runs the work once the duration has passed.
    @discardableResult
    public func schedule(after delay: Duration, _ work: @escaping () -> Void) -> ScheduledWork {
        let scheduled = ScheduledWork(work)
        let task = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { scheduled.run() }
        scheduled.onCancel = { task.cancel() }
        return scheduled
    }

    /// Makes something by which others, on any thread, have the work run on this loop.
    ///
    /// The loop is woken once for all bells that ring before it answers them. What a stream moves inside is within the budget
    /// of the loop, so that two ends on one loop that ring for each other let it do its I/O.
    public func makeBell(_ work: @escaping () -> Void) -> Bell { board.makeBell(work) }

    /// The transport has written and is to be flushed in this turn.
    func flushSoon(_ transport: ChannelTransport) {
        unflushed.append(transport)
        guard !isFlushDue, !isFlushing else { return }
        isFlushDue = true
        eventLoop.assumeIsolated().execute {
            self.isFlushDue = false
            self.flushWritten()
        }
    }

    /// Flushes everything written so far, once for each transport.
    func flushWritten() {
        // What is written inside a flush is flushed by the loop below, further out.
        guard !isFlushing else { return }
        isFlushing = true
        while let transport = unflushed.popFirst() { transport.flush() }
        isFlushing = false
    }

    private func runTurn() {
        turn.begin()
        for _ in 0..<turns.count {
            guard let turn = turns.popFirst() else { break }
            turn.work()
        }
        flushWritten()
        // Only now: a timer set at the beginning of a long turn would be due at its end, and the sockets wait.
        isTurnDue = false
        guard !turns.isEmpty else { return }
        isTurnDue = true
        setTurnTimer()
    }
}

@available(*, unavailable)
extension EventLoopScheduler: Sendable {}
