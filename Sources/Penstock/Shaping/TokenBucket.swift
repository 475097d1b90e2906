/// A rate and a burst, applied to one or several consumers as the hold ``Hold/rateLimit``.
///
/// Tokens come in continuously, fractions included, up to the burst. Every weight that a gate accepts costs as many
/// tokens; when none are left, the gates are held, and the bucket wakes itself when there are tokens again. One element
/// may take more than is there: the debt is waited for, so the long-term rate is kept.
///
/// Add it to consumers with ``Gate/add(_:)``; all consumers of one bucket share its rate. Pull producers and writers that
/// never registered are covered, because the hold is the consumer's.
public final class TokenBucket: Meter {
    /// Tokens a second.
    public private(set) var rate: Double
    /// The most tokens there can be.
    public let burst: Double

    private let scheduler: any Scheduler
    private var tokens: Double
    private var countedAt: Duration
    private var gates: [Gate] = []
    private var departures = 0
    private var wake: ScheduledWork?

    /// Creates a full bucket.
    ///
    /// - Parameters:
    ///   - rate: Tokens, that is units of weight, a second; more than 0.
    ///   - burst: The most tokens there can be; at least 1. By default what comes in within a tenth of a second.
    ///   - scheduler: Wakes the bucket; serves the isolation domain of its consumers.
    public init(rate: Double, burst: Double? = nil, scheduler: any Scheduler) {
        precondition(rate > 0 && rate.isFinite, "a rate is a finite number above 0, not \(rate)")
        let burst = burst ?? max(1, rate / 10)
        precondition(burst >= 1, "a burst is at least 1, not \(burst)")
        self.rate = rate
        self.burst = burst
        self.scheduler = scheduler
        tokens = burst
        countedAt = scheduler.now
    }

    /// The tokens there are now; below zero after an element that took more than there were.
    public var available: Double {
        count()
        return tokens
    }

    /// Changes the rate from now on.
    public func setRate(_ rate: Double) {
        precondition(rate > 0 && rate.isFinite, "a rate is a finite number above 0, not \(rate)")
        count()
        self.rate = rate
        guard wake != nil else { return }
        wake?.cancel()
        sleep()
    }

    /// Remembers a gate, and holds it if there are no tokens.
    public func attached(to gate: Gate) {
        gates.append(gate)
        count()
        guard tokens <= 0 else { return }
        if wake == nil { sleep() }
        gate.hold(.rateLimit)
    }

    /// Takes tokens for what a gate accepted.
    public func accepted(_ weight: Int, at gate: Gate) {
        count()
        tokens -= Double(weight)
        guard tokens <= 0 else { return }
        if wake == nil { sleep() }
        let before = departures
        for gate in gates where departures == before || has(gate) { gate.hold(.rateLimit) }
    }

    /// Nothing: what was let through has been paid for.
    public func drained(_ weight: Int, at gate: Gate) {}

    /// Forgets a gate, and the timer with the last of them.
    public func detached(from gate: Gate) {
        gates.removeAll { $0 === gate }
        departures &+= 1
        if gates.isEmpty {
            wake?.cancel()
            wake = nil
        }
        gate.release(.rateLimit)
    }

    /// A signal to the producer of one gate may take another gate away, which must not be held then.
    private func has(_ gate: Gate) -> Bool { gates.contains { $0 === gate } }

    private func count() {
        let now = scheduler.now
        guard now > countedAt else { return }
        tokens = min(burst, tokens + rate * Self.seconds(now - countedAt))
        countedAt = now
    }

    /// Sleeps until there is something worth waking for: a hundredth of a second's tokens, at least one.
    private func sleep() {
        let worth = min(burst, max(1, rate / 100))
        let nanoseconds = (worth - tokens) / rate * 1e9
        // A debt of more than a century is waited for in parts.
        let bounded = min(max(nanoseconds, 1000), 3e18)
        // Rounded up without the C library's mathematics; a nanosecond too many would add up to a token too few.
        let whole = Int64(bounded)
        let delay = Duration.nanoseconds(Double(whole) < bounded ? whole + 1 : whole)
        wake = scheduler.schedule(after: delay) { [weak self] in self?.awake() }
    }

    private func awake() {
        wake = nil
        count()
        guard tokens > 0 else { return sleep() }
        let before = departures
        for gate in gates where departures == before || has(gate) {
            gate.release(.rateLimit)
            // A producer resumed just now may have used them up again, and then everybody is held; it comes last next time.
            if tokens <= 0 { return moveToEnd(gate) }
        }
    }

    private func moveToEnd(_ gate: Gate) {
        guard let index = gates.firstIndex(where: { $0 === gate }) else { return }
        gates.append(gates.remove(at: index))
    }

    private static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}

@available(*, unavailable)
extension TokenBucket: Sendable {}
