import Synchronization

/// The place where one task waits for its own isolation domain, is woken from there, and can be cancelled from anywhere.
///
/// Cancelling only wakes the task: what has to be undone it undoes itself, in its own domain (C9.4). The cancellation handler is
/// installed only if the task really suspends, because it costs more than all the rest.
package final class Suspension: Sendable {
    private enum State: ~Copyable {
        case idle
        case waiting(UnsafeContinuation<Void, Never>)
        /// Woken before it waited.
        case woken
    }

    private let state = Mutex(State.idle)

    package init() {}

    /// Waits to be woken; the caller looks again at what it waits for, as it may be woken for nothing.
    ///
    /// - Returns: Whether the task is cancelled.
    /// - Precondition: Nobody else waits here.
    package func wait() async -> Bool {
        guard !Task.isCancelled else { return true }
        await withTaskCancellationHandler {
            await waitEvenIfCancelled()
        } onCancel: {
            wake()
        }
        return Task.isCancelled
    }

    /// Waits to be woken, whether or not the task is cancelled: for what is certain to come.
    package func waitEvenIfCancelled() async {
        await withUnsafeContinuation { continuation in
            let isWoken = state.withLock { state in
                switch consume state {
                case .idle:
                    state = .waiting(continuation)
                    return false
                case .woken:
                    state = .idle
                    return true
                case .waiting:
                    preconditionFailure("two tasks wait in one place")
                }
            }
            if isWoken { continuation.resume() }
        }
    }

    /// Wakes whoever waits, or the next who wants to.
    package func wake() {
        let waiting: UnsafeContinuation<Void, Never>? = state.withLock { state in
            switch consume state {
            case .waiting(let continuation):
                state = .idle
                return continuation
            case .idle:
                state = .woken
                return nil
            case .woken:
                state = .woken
                return nil
            }
        }
        waiting?.resume()
    }
}
