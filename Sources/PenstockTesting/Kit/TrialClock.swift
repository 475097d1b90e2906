public import Penstock

/// The turns and the time of a subject under test: virtual, or those of the event loop it lives on.
///
/// A suite moves a subject on only by this. On a ``VirtualClock`` nothing suspends; on an event loop each closure suspends and
/// lets the loop do its I/O.
public struct TrialClock {
    /// The scheduler that the subject was made with.
    public let scheduler: any Scheduler
    /// Lets a later turn come.
    public let runTurn: () async -> Void
    /// Lets turns come until nothing more happens by itself, without waiting for timers.
    public let settle: () async -> Void
    /// Lets this much time pass, timers included.
    public let advance: (Duration) async -> Void
    /// Whether letting time pass takes that time; a suite then lets no more than a few milliseconds pass.
    public let isReal: Bool
    /// Does what ``settle`` does in at most so many turns, and answers whether that was enough; nil if turns are not counted.
    let settlesWithin: ((Int) -> Bool)?

    /// Creates a clock whose time is virtual.
    public init(_ clock: VirtualClock) {
        scheduler = clock
        settlesWithin = { clock.settle(turns: $0) }
        runTurn = { clock.runTurn() }
        settle = { clock.settle() }
        advance = { clock.advance(by: $0) }
        isReal = false
    }

    /// Creates a clock for a subject between two isolation domains, each with a virtual clock: a turn is one of both.
    ///
    /// - Parameters:
    ///   - clock: The scheduler of the side that the suite deals with; it turns first.
    ///   - other: That of the other side.
    public init(_ clock: VirtualClock, beside other: VirtualClock) {
        let settlesWithin = { (turns: Int) in
            for _ in 0..<turns {
                let ran = clock.runTurn()
                if !other.runTurn(), !ran { return true }
            }
            return false
        }
        scheduler = clock
        self.settlesWithin = settlesWithin
        runTurn = {
            clock.runTurn()
            other.runTurn()
        }
        settle = { _ = settlesWithin(1_000_000) }
        advance = { duration in
            _ = settlesWithin(1_000_000)
            clock.advance(by: duration)
            other.advance(by: duration)
            _ = settlesWithin(1_000_000)
        }
        isReal = false
    }

    /// Creates a clock whose time is virtual and not that of a ``VirtualClock``, such as that of an embedded event loop.
    ///
    /// - Parameters:
    ///   - scheduler: The scheduler that the subject was made with.
    ///   - runTurn: Lets a later turn come.
    ///   - settle: Lets turns come until nothing more happens by itself.
    ///   - advance: Moves the time.
    public init(
        virtual scheduler: any Scheduler,
        runTurn: @escaping () -> Void,
        settle: @escaping () -> Void,
        advance: @escaping (Duration) -> Void
    ) {
        self.scheduler = scheduler
        self.runTurn = runTurn
        self.settle = settle
        self.advance = advance
        settlesWithin = nil
        isReal = false
    }

    /// Creates a clock of the real kind.
    ///
    /// - Parameters:
    ///   - scheduler: The scheduler that the subject was made with.
    ///   - runTurn: Lets a later turn come.
    ///   - settle: Lets turns come until nothing more happens by itself.
    ///   - advance: Waits.
    public init(
        real scheduler: any Scheduler,
        runTurn: @escaping () async -> Void,
        settle: @escaping () async -> Void,
        advance: @escaping (Duration) async -> Void
    ) {
        self.scheduler = scheduler
        self.runTurn = runTurn
        self.settle = settle
        self.advance = advance
        settlesWithin = nil
        isReal = true
    }

    /// Creates a clock of the real kind of a scheduler that only the kit turns.
    ///
    /// - Parameter scheduler: The scheduler that the subject was made with, on the continuous clock.
    public init(real scheduler: ManualScheduler) {
        self.init(
            real: scheduler,
            runTurn: { scheduler.runTurn() },
            settle: { scheduler.runUntilIdle() },
            advance: { duration in
                let target = scheduler.now + duration
                scheduler.runUntilIdle()
                while scheduler.now < target {
                    let left = min(target, scheduler.nextDeadline ?? target) - scheduler.now
                    // A task that is cancelled does not wait, and turns until the time has passed.
                    if left > .zero { try? await Task.sleep(for: left) }
                    scheduler.runUntilIdle()
                }
            }
        )
    }

    /// Does what ``settle`` does, and fails if the subject is still not at rest after many turns.
    func comeToRest() async throws {
        guard let settlesWithin else { return await settle() }
        guard settlesWithin(20_000) else {
            throw TrialFailure("it keeps the loop busy: after 20000 turns it was still not at rest")
        }
    }
}

@available(*, unavailable)
extension TrialClock: Sendable {}
