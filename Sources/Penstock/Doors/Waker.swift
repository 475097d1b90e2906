/// Wakes a waiting task within what its streams may move in a turn, so that tasks that wake each other all the time do not
/// hold up the I/O of their event loop (C5.5).
///
/// Whoever waits has looked at what it waits for in the same step: the domain is one, so nothing is woken in between, and a wake
/// that finds nobody waiting is not needed.
package final class Waker {
    private let scheduler: any Scheduler
    private let suspension = Suspension()
    private var share = TurnBudget.Share()
    private var isDue = false
    /// Whether somebody waits.
    package private(set) var isWaiting = false

    package init(scheduler: any Scheduler) {
        self.scheduler = scheduler
    }

    /// Waits to be woken, perhaps for nothing.
    ///
    /// - Returns: Whether the task is cancelled.
    package func wait() async -> Bool {
        begin()
        let isCancelled = await suspension.wait()
        isWaiting = false
        return isCancelled
    }

    /// Waits to be woken, perhaps for nothing, whether or not the task is cancelled.
    package func waitEvenIfCancelled() async {
        begin()
        await suspension.waitEvenIfCancelled()
        isWaiting = false
    }

    /// Wakes whoever waits, in this turn or a later one.
    package func wake() {
        guard isWaiting, !isDue else { return }
        if admits() { suspension.wake() } else { wakeLater() }
    }

    /// Wakes whoever waits, on a later turn.
    package func wakeLater() {
        guard !isDue else { return }
        isDue = true
        scheduler.onLaterTurn { [self] in
            isDue = false
            if isWaiting { suspension.wake() }
        }
    }

    /// A wake from before, such as a second one before the task came to make its step, is of no use any more.
    private func begin() {
        isWaiting = true
        suspension.forgetWake()
    }

    /// Whether a task that did not have to wait may take another step in this turn.
    package func admits() -> Bool { scheduler.turn.admits(&share) }
}

@available(*, unavailable)
extension Waker: Sendable {}
