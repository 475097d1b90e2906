import Penstock

/// A timer of one millisecond on an event loop: how much later than that it comes is how long the loop was held.
final class LatencyProbe {
    struct Summary: Sendable {
        var p50: Duration
        var p99: Duration
        var max: Duration
    }

    private let scheduler: any Scheduler
    private var gaps: [Duration] = []
    private var last = Duration.zero
    private var timer: ScheduledWork?

    init(scheduler: any Scheduler) {
        self.scheduler = scheduler
    }

    func start() {
        gaps.reserveCapacity(1 << 15)
        last = scheduler.now
        arm()
    }

    /// Ends the measurement; nil if the timer never came.
    func stop() -> Summary? {
        timer?.cancel()
        let sorted = gaps.sorted()
        guard let max = sorted.last else { return nil }
        return Summary(p50: sorted[sorted.count / 2], p99: sorted[sorted.count * 99 / 100], max: max)
    }

    private func arm() {
        timer = scheduler.schedule(after: .milliseconds(1)) { [weak self] in
            guard let self else { return }
            let now = scheduler.now
            gaps.append(now - last)
            last = now
            arm()
        }
    }
}

@available(*, unavailable)
extension LatencyProbe: Sendable {}
