import Synchronization

/// Where tasks wait for what became of the elements in another domain.
final class CrossingReceipt: Sendable {
    private struct State {
        /// Without a delivery if the consumer was never heard of again.
        var told: (EndReason, Delivery?)?
        var waiting: [Suspension] = []
    }

    private let state = Mutex(State())

    /// The first one to tell is believed.
    func tell(_ reason: EndReason, _ delivery: Delivery?) {
        let waiting = state.withLock { state -> [Suspension] in
            guard state.told == nil else { return [] }
            state.told = (reason, delivery)
            defer { state.waiting = [] }
            return state.waiting
        }
        for task in waiting { task.wake() }
    }

    /// Waits for it.
    ///
    /// - Parameter onCancel: Called once if the task is cancelled meanwhile; has to bring about the end.
    func get(onCancel: () -> Void) async -> (EndReason, Delivery?) {
        let place = Suspension()
        let told = state.withLock { state in
            if state.told == nil { state.waiting.append(place) }
            return state.told
        }
        if let told { return told }
        if await place.wait() { onCancel() }
        while true {
            if let told = state.withLock({ $0.told }) { return told }
            await place.waitEvenIfCancelled()
        }
    }
}
