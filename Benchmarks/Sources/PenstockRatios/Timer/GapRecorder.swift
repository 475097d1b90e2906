import NIOCore

/// Notes how long it takes from one firing of a 1 ms timer on an event loop to the next.
struct GapRecorder: Sendable {
    private struct State {
        var last: NIODeadline
        var gaps: [Double] = []
        var timer: RepeatedTask?
    }

    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State?>

    /// Creates a recorder for a loop.
    init(loop: any EventLoop) {
        self.loop = loop
        state = NIOLoopBoundBox.makeEmptyBox(valueType: State.self, eventLoop: loop)
    }

    /// Starts the timer.
    func start() async throws {
        try await loop.submit { [loop, state] in
            var fresh = State(last: .now())
            fresh.gaps.reserveCapacity(1 << 14)
            state.value = fresh
            let period = TimeAmount.milliseconds(1)
            state.value?.timer = loop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
                let now = NIODeadline.now()
                state.withValue { value in
                    guard let last = value?.last else { return }
                    value?.gaps.append(Double((now - last).nanoseconds) / 1e6)
                    value?.last = now
                }
            }
        }.get()
    }

    /// Stops the timer and returns the gaps in milliseconds, in their order.
    func stop() async throws -> [Double] {
        try await loop.submit { [state] in
            state.value?.timer?.cancel()
            defer { state.value = nil }
            return state.value?.gaps ?? []
        }.get()
    }
}
