import Synchronization

/// Calls work in an isolation domain from anywhere: the one thing that leaves a domain so that others can wake it.
///
/// ``Scheduler/makeBell(_:)`` hangs one up. The work itself never leaves its domain, so it may touch what is not `Sendable`
/// (C9.1). However often a bell rings before it is answered, the work runs once.
public final class Bell: Sendable {
    private let isRung = Atomic(false)
    private let onRing: @Sendable (Bell) -> Void
    private let onGone: @Sendable () -> Void

    /// Creates a bell that runs a closure wherever it is rung.
    ///
    /// For those who are served in no domain, such as a waiting task. The closure runs inside ``ring()``, once for each call.
    public convenience init(_ work: @escaping @Sendable () -> Void) {
        self.init(
            onRing: { bell in
                bell.answered()
                work()
            },
            onGone: {}
        )
    }

    init(onRing: @escaping @Sendable (Bell) -> Void, onGone: @escaping @Sendable () -> Void) {
        self.onRing = onRing
        self.onGone = onGone
    }

    deinit { onGone() }

    /// Has the work run in its domain, on a turn to come; does nothing if that is under way already.
    ///
    /// Costs an atomic exchange if it is; else a lock, and one wake-up of the domain if no other bell of it has rung.
    public func ring() {
        guard !isRung.exchange(true, ordering: .acquiringAndReleasing) else { return }
        onRing(self)
    }

    /// The next call of ``ring()`` counts again.
    ///
    /// To be called before the work looks at what it was called for.
    func answered() { isRung.store(false, ordering: .sequentiallyConsistent) }
}
