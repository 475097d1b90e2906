import Synchronization

/// An isolation domain with a virtual clock whose tasks a test runs step by step, to test `async` code without a sleep.
///
/// ```swift
/// try await SteppedDomain().run { domain in
///     let buffer = Buffer<Int>(marks: marks, weight: { _ in 1 }, scheduler: domain.clock)
///     let flow = Task { _ = domain; return try await numbers.flow(into: buffer) }
///     domain.settle()                 // the task has run until it waits for room
///     while buffer.take() != nil {}
///     domain.settle()
///     #expect(try await flow.value.elements == 100)
/// }
/// ```
///
/// A task that is made inside and mentions the domain belongs to it. It makes a step only when the test says so; the order is
/// that in which the tasks were woken, so every run is the same. A step goes from one suspension to the next.
///
/// The doors of `Penstock` stay in the domain when they wait. What waits on a continuation or on another task, or calls
/// `Task.yield()`, leaves it and comes back when it likes; a test awaits such a thing itself.
public actor SteppedDomain {
    /// The scheduler of everything in the domain.
    public let clock = VirtualClock()
    /// How many steps tasks have made by ``step()``.
    public private(set) var steps = 0

    private nonisolated let executor = Executor()

    /// Creates a domain without tasks.
    public init() {}

    /// The steps of the domain's tasks.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs a test in the domain.
    public func run<Value: Sendable>(
        _ body: @Sendable (isolated SteppedDomain) async throws -> Value
    ) async rethrows -> Value {
        try await body(self)
    }

    /// Has the task that was woken first make a step.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public func step() -> Bool {
        guard executor.runNext() else { return false }
        steps += 1
        return true
    }

    /// Has all tasks make steps, and turns come, until nothing is left to do in this moment.
    ///
    /// - Returns: Whether everything was done; false if a task or a stream would have gone on without end.
    @discardableResult
    public func settle(rounds: Int = 1_000_000) -> Bool {
        for _ in 0..<rounds where !step() && !clock.runTurn() { return true }
        return false
    }

    /// Moves the time, and lets everything happen on the way.
    public func advance(by duration: Duration) {
        settle()
        clock.advance(by: duration)
        settle()
    }

    /// Keeps the steps in their order; a test in the domain makes them, and otherwise a task that comes when there is one.
    private final class Executor: SerialExecutor {
        private struct State {
            var jobs: [UnownedJob] = []
            var next = 0
            var isDriven = false

            mutating func take() -> UnownedJob? {
                guard next < jobs.count else { return nil }
                defer {
                    next += 1
                    if next == jobs.count { (jobs, next) = ([], 0) }
                }
                return jobs[next]
            }
        }

        private let state = Mutex(State())

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            let needsDriver = state.withLock { state in
                state.jobs.append(job)
                defer { state.isDriven = true }
                return !state.isDriven
            }
            if needsDriver { Task.detached { self.drive() } }
        }

        func runNext() -> Bool {
            guard let job = state.withLock({ $0.take() }) else { return false }
            job.runSynchronously(on: asUnownedSerialExecutor())
            return true
        }

        private func drive() {
            while true {
                let job = state.withLock { state in
                    let job = state.take()
                    if job == nil { state.isDriven = false }
                    return job
                }
                guard let job else { return }
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }
}
