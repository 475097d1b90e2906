/// Work that a scheduler will run, until it is called off.
public final class ScheduledWork {
    private var work: (() -> Void)?
    /// Tells the scheduler to forget its timer; a scheduler may set it.
    public var onCancel: (() -> Void)?

    /// Creates work that has not run.
    public init(_ work: @escaping () -> Void) {
        self.work = work
    }

    /// Whether it has neither run nor been called off.
    public var isPending: Bool { work != nil }

    /// Runs it, unless it has run or was called off; for schedulers.
    public func run() {
        let work = self.work
        self.work = nil
        onCancel = nil
        work?()
    }

    /// Calls it off; does nothing if it has run.
    public func cancel() {
        work = nil
        let onCancel = self.onCancel
        self.onCancel = nil
        onCancel?()
    }
}

@available(*, unavailable)
extension ScheduledWork: Sendable {}
