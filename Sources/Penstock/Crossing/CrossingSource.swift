/// The far end of a crossing: a source of what is written in another isolation domain.
///
/// It belongs to the domain of whoever consumes, and takes an element only while its consumer has room, within what its
/// scheduler grants a turn (C5.5). What it has not taken stays in the level of the near end; so a pause of this side
/// becomes a pause of the other.
///
/// Elements come in the order of the writes, then the end, once, with the original error (C6.6). If this is dropped before, or
/// its consumer ends early, the near end is stopped with the reason.
public final class CrossingSource<Element: Sendable>: Source, PushProducer {
    /// What is produced.
    public typealias Output = Element

    /// How many elements come after a pause has returned: none, because this end lives in the domain of its consumer, and what
    /// is under way waits here (C4.7).
    public static var skid: Int { 0 }

    /// The weight still to come, if it is known.
    public let expectedWeight: Int?

    private let outlet: Outlet<Element>
    private let queue: CrossingQueue<Element>
    private let scheduler: any Scheduler
    private let onDrop: (EndReason) -> Void
    private var share = TurnBudget.Share()
    private var isPumping = false
    private var isPumpDue = false

    init(
        _ queue: CrossingQueue<Element>,
        expectedWeight: Int? = nil,
        scheduler: any Scheduler,
        onDrop: @escaping (EndReason) -> Void = { _ in }
    ) {
        self.queue = queue
        self.expectedWeight = expectedWeight
        self.scheduler = scheduler
        self.onDrop = onDrop
        outlet = Outlet(scheduler: scheduler)
        queue.installFar(scheduler.makeBell { [weak self] in self?.pump() })
    }

    deinit {
        guard outlet.end == nil else { return }
        let reason = EndReason(.lost, detail: "the reading end of \(queue.name) was dropped before the end had arrived")
        queue.farIsLost(reason)
        onDrop(reason)
    }

    /// Registers with the consumer and begins to pass elements on, those that have arrived at once.
    public func attach(
        to consumer: any Consumer<Element>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
        queue.farIsAttached()
        pump()
    }

    /// Leaves what arrives where it is, and says over there what the consumer waits for.
    public func pauseProducing() {
        outlet.paused()
        queue.farWaits(for: outlet.waits)  // C4.9
    }

    /// Passes on what has arrived.
    public func resumeProducing() {
        outlet.resumed()
        queue.farWaits(for: [])
        pump()
    }

    /// The consumer has ended: stops the producer of the near end with the same reason.
    public func stopProducing(_ reason: EndReason) {
        outlet.stopped(reason)
        queue.farIsLost(outlet.end ?? reason)
    }

    private func pump() {
        guard !isPumping, outlet.isAttached else { return }
        isPumping = true
        var isTurnOver = false
        var taken = 0
        while outlet.isOpen, !isTurnOver, let entry = queue.take() {
            share.pending &+= entry.weight
            taken &+= entry.weight
            outlet.write(entry.element)
            if taken >= queue.batch {
                queue.giveBack()
                taken = 0
            }
            isTurnOver = !scheduler.turn.admits(&share)
        }
        if outlet.isAttached, let end = queue.takeEnd() {
            outlet.end(end)
            queue.endGiven()
        }
        isPumping = false
        queue.giveBack()
        if isTurnOver, outlet.isOpen { pumpLater() }
    }

    private func pumpLater() {
        guard !isPumpDue else { return }
        isPumpDue = true
        scheduler.onLaterTurn { [weak self] in
            self?.isPumpDue = false
            self?.pump()
        }
    }
}

@available(*, unavailable)
extension CrossingSource: Sendable {}
