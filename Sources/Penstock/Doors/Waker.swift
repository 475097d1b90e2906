/// Wakes a waiting task within what its streams may move in a turn, so that tasks that wake each other all the time do not
/// hold up the I/O of their event loop (C5.5).
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
        isWaiting = true
        let isCancelled = await suspension.wait()
        isWaiting = false
        return isCancelled
    }

    /// Waits to be woken, perhaps for nothing, whether or not the task is cancelled.
    package func waitEvenIfCancelled() async {
        isWaiting = true
        await suspension.waitEvenIfCancelled()
        isWaiting = false
    }

    /// Wakes whoever waits, in this turn or a later one.
    package func wake() {
        guard isWaiting, !isDue else { return }
        if scheduler.turn.admits(&share) { return suspension.wake() }
        isDue = true
        scheduler.onLaterTurn { [self] in
            isDue = false
            suspension.wake()
        }
    }
}

@available(*, unavailable)
extension Waker: Sendable {}
