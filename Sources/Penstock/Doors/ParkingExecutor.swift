import Synchronization

/// An executor that keeps the one job it is given until somebody says so, and then runs it there and then.
///
/// The job must do nothing but go home.
final class ParkingExecutor: SerialExecutor {
    private enum State {
        case empty
        case parked(UnownedJob)
        /// Woken before the job came.
        case woken
    }

    private let state = Mutex(State.empty)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isWoken = state.withLock { state in
            switch state {
            case .empty:
                state = .parked(job)
                return false
            case .woken:
                state = .empty
                return true
            case .parked:
                preconditionFailure("two tasks wait in one place")
            }
        }
        // Not in here, where the task is still on its way; this is rare.
        if isWoken { Task.detached { job.runSynchronously(on: self.asUnownedSerialExecutor()) } }
    }

    /// Sends the job that waits on its way home, or the next one as soon as it comes.
    func wake() {
        let parked: UnownedJob? = state.withLock { state in
            if case .parked(let job) = state {
                state = .empty
                return job
            }
            state = .woken
            return nil
        }
        parked?.runSynchronously(on: asUnownedSerialExecutor())
    }

    /// Forgets a wake that found no job, and answers whether there was one.
    func forgetWake() -> Bool {
        state.withLock { state in
            guard case .woken = state else { return false }
            state = .empty
            return true
        }
    }
}
