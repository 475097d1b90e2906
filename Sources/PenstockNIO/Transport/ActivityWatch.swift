import Penstock

/// Watches a connection for two kinds of silence: nothing moves, and the peer takes nothing of what waits for it.
///
/// One timer serves both. It is set for the earliest moment at which either may have lasted too long and looks then. That
/// something moved is only noted, and dated when the timer looks next: reading the clock with every piece would cost as much as
/// the rest. So that the date is not far off, it looks four times within the time that the connection may be idle.
final class ActivityWatch {
    /// Told once when a silence has lasted too long.
    var onExpiry: ((EndReason) -> Void)?

    private let scheduler: any Scheduler
    private let idleTimeout: Duration?
    private let stallTimeout: Duration?
    private var pendingBytes: () -> Int = { 0 }
    private var hasMoved = false
    private var movedAt = Duration.zero
    private var blockedSince: Duration?
    private var timer: ScheduledWork?
    private var isStarted = false

    init(scheduler: any Scheduler, idleTimeout: Duration?, stallTimeout: Duration?) {
        self.scheduler = scheduler
        self.idleTimeout = idleTimeout
        self.stallTimeout = stallTimeout
    }

    /// Begins to watch.
    ///
    /// - Parameter pendingBytes: Answers how much waits for the peer; calls ``moved()`` if some of it has gone since.
    func start(pendingBytes: @escaping () -> Int) {
        guard !isStarted else { return }
        isStarted = true
        self.pendingBytes = pendingBytes
        movedAt = scheduler.now
        arm()
    }

    func stop() {
        isStarted = false
        timer?.cancel()
        timer = nil
        onExpiry = nil
    }

    /// Bytes have gone out.
    func moved() {
        hasMoved = true
        if blockedSince != nil { blockedSince = scheduler.now }
    }

    /// Bytes have come in; a peer that sends and takes nothing is stalled all the same.
    func arrived() {
        hasMoved = true
    }

    /// Whether something waits for the peer to take it.
    func blocked(_ isBlocked: Bool) {
        guard isBlocked else {
            blockedSince = nil
            return
        }
        guard isStarted, stallTimeout != nil, blockedSince == nil else { return }
        blockedSince = scheduler.now
    }

    /// Sets the timer for the earliest moment at which either silence may have lasted too long; a stall that begins now cannot
    /// have lasted too long before it.
    private func arm() {
        let now = scheduler.now
        let idleAt = idleTimeout.map { min(movedAt + $0, now + $0 / 4) }
        let stallAt = stallTimeout.map { (blockedSince ?? now) + $0 }
        guard let next = [idleAt, stallAt].compactMap(\.self).min() else { return }
        timer = scheduler.schedule(after: max(next - now, .milliseconds(1))) { [weak self] in self?.look() }
    }

    private func look() {
        timer = nil
        guard isStarted else { return }
        let pendingBytes = self.pendingBytes()
        guard isStarted else { return }
        let now = scheduler.now
        if hasMoved { movedAt = now }
        hasMoved = false
        if let blockedSince, let stallTimeout, now - blockedSince >= stallTimeout {
            let detail = "the peer took none of the \(pendingBytes) bytes that waited for it in \(stallTimeout)"
            return onExpiry?(EndReason(.timedOut, detail: detail)) ?? ()
        }
        if let idleTimeout, now - movedAt >= idleTimeout {
            return onExpiry?(EndReason(.timedOut, detail: "nothing came in or went out for \(idleTimeout)")) ?? ()
        }
        arm()
    }
}
