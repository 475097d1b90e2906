import Penstock

/// Says on stderr how far a fetch is: on one line of a terminal, or now and then in lines.
final class FetchProgress {
    struct State {
        var received: Int
        var holds: [String]
        var level: Int
    }

    private let scheduler: any Scheduler
    private let isTerminal = Console.Stream.err.isTerminal
    private let startedAt: Duration
    private var before: (at: Duration, received: Int)
    private var timer: ScheduledWork?

    init(scheduler: any Scheduler) {
        self.scheduler = scheduler
        startedAt = scheduler.now
        before = (startedAt, 0)
    }

    func start(_ state: @escaping () -> State?) {
        timer = scheduler.schedule(after: isTerminal ? .milliseconds(200) : .seconds(5)) { [weak self] in
            guard let self, let current = state() else { return }
            show(current)
            start(state)
        }
    }

    func stop(_ state: State) {
        timer?.cancel()
        timer = nil
        // The line of a terminal stays as it was at the end.
        if isTerminal {
            show(state)
            Console.shared.put("\n", to: .err)
        }
    }

    private func show(_ state: State) {
        let now = scheduler.now
        let rate = Double(state.received - before.received) / max(Figures.number(of: now - before.at), 0.001)
        before = (now, state.received)
        var text =
            "\(Figures.bytes(state.received)) in \(Figures.seconds(now - startedAt)), \(Figures.bytes(Int(rate)))/s"
        if !state.holds.isEmpty { text += ", held by \(state.holds.joined(separator: " and "))" }
        if isTerminal {
            Console.shared.put("\r\u{1B}[K\(text)", to: .err)
        } else {
            Console.shared.print(text, to: .err)
        }
    }
}
