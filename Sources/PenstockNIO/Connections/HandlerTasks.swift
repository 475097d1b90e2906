import Penstock
import Synchronization

/// The tasks in which the handlers of a server run.
final class HandlerTasks: Sendable {
    private struct State {
        var tasks: [Int: Task<Void, Never>] = [:]
        var report = StreamServer.RunReport()
        /// Tasks that are being started and are not in the table yet.
        var starting = 0
        var isClosed = false
        var isCancelled = false

        var isIdle: Bool { tasks.isEmpty && starting == 0 }
    }

    private let state = Mutex(State())
    private let idle = Suspension()

    /// Starts a task, unless no more are taken.
    ///
    /// - Parameter start: Called on the event loop on which the task begins, so that it has not ended before it is known here.
    func add(_ start: (_ number: Int) -> Task<Void, Never>) -> Bool {
        let number: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.report.connections += 1
            state.starting += 1
            return state.report.connections
        }
        guard let number else { return false }
        let task = start(number)
        let isCancelled = state.withLock { state in
            state.starting -= 1
            state.tasks[number] = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
        return true
    }

    /// A task has come to its end.
    func ended(_ number: Int, _ error: (any Error)?) {
        let isIdle = state.withLock { state in
            state.tasks[number] = nil
            if error != nil { state.report.failures += 1 }
            return state.isIdle && state.isClosed
        }
        if isIdle { idle.wake() }
    }

    /// Takes no more.
    func close() { state.withLock { $0.isClosed = true } }

    func cancel() {
        let tasks = state.withLock { state in
            state.isCancelled = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
    }

    /// Returns when all have ended; none is taken any more.
    func wait() async -> StreamServer.RunReport {
        while state.withLock({ !$0.isIdle }) { await idle.waitEvenIfCancelled() }
        return state.withLock { $0.report }
    }
}
