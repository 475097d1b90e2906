/// The place where one task waits for its own isolation domain, is woken from there, and can be cancelled from anywhere.
///
/// Cancelling only wakes the task: what has to be undone it undoes itself, in its own domain (C9.4). The cancellation handler is
/// installed only if the task really suspends, because it costs more than all the rest.
///
/// No continuation: what waits on one is resumed by way of the global executor, so on its way home to an event loop it changes
/// threads twice. Here the task waits as a job on an executor that keeps it (``ParkingExecutor``), and goes home directly.
package final class Suspension: Sendable {
    private let place = ParkingPlace()

    package init() {}

    /// Waits to be woken; the caller looks again at what it waits for, as it may be woken for nothing.
    ///
    /// - Returns: Whether the task is cancelled.
    /// - Precondition: Nobody else waits here.
    package func wait(isolation: isolated (any Actor)? = #isolation) async -> Bool {
        guard !Task.isCancelled, !forgetWake() else { return Task.isCancelled }
        // A task that is being cancelled cannot be moved on from its cancellation handler, so its own domain does that.
        let wakeAtHome = bound {
            _ = isolation
            self.wake()
        }
        await withTaskCancellationHandler {
            _ = isolation
            await place.park()
        } onCancel: {
            Task(operation: wakeAtHome)
        }
        return Task.isCancelled
    }

    /// Work that belongs to the domain in which it is written down.
    private func bound(
        @_inheritActorContext _ work: @escaping @Sendable @isolated(any) () async -> Void
    ) -> @Sendable @isolated(any) () async -> Void {
        work
    }

    /// Waits to be woken, whether or not the task is cancelled: for what is certain to come.
    package func waitEvenIfCancelled() async {
        if !forgetWake() { await place.park() }
    }

    /// Forgets a wake that found nobody.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    package func forgetWake() -> Bool { place.executor.forgetWake() }

    /// Wakes whoever waits, or the next who wants to.
    package func wake() { place.executor.wake() }
}

/// Where a task goes to wait: its executor keeps it until it is woken.
private actor ParkingPlace {
    nonisolated let executor = ParkingExecutor()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private var visits: UInt = 0

    /// Returns when somebody has woken the caller, who waits on the way in.
    ///
    /// It has to do something with the state of the actor: the optimizer takes out a way into one that is not needed.
    @inline(never)
    func park() { visits &+= 1 }
}
