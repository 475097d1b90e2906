import DequeModule

/// One direction of a ``Duplex`` pair: what was written to one end and has not been delivered at the other.
///
/// Both ends hold both lanes, and a lane holds no end. So a pair that is abandoned goes, and an end that is left alone still
/// gets everything that was said to it (C1.9).
final class DuplexLane<Element>: GateOwner {
    /// What regulates the writing end.
    let gate: Gate
    /// What the reading end produces with.
    let outlet: Outlet<Element>
    /// The other direction.
    weak var opposite: DuplexLane?
    /// Told once when no more comes out.
    var onEnd: ((EndReason) -> Void)?
    /// How many elements came out and were discarded.
    private(set) var discarded = 0

    private let weigher: Weigher<Element>
    private var held: Deque<(element: Element, weight: Int)> = []
    private var end: EndReason?
    private var discards = false
    private var isCut = false
    private var isPumpDue = false
    /// The weight of the element that is being written to the reader's consumer.
    private var handing = 0
    private var deadline: ScheduledWork?

    init(_ marks: Watermarks, _ weigher: Weigher<Element>, _ scheduler: any Scheduler, _ name: String) {
        self.weigher = weigher
        outlet = Outlet(scheduler: scheduler)
        gate = Gate(name: name, flow: FlowControl(marks: marks), scheduler: scheduler)
        gate.owner = self
    }

    // MARK: The writing end

    func write(_ element: consuming Element) -> WriteOutcome {
        let weight = weigher.weight(of: element)
        guard weight > 0 else { return gate.acceptEmpty() }  // C3.4
        guard gate.admits(weight: weight) else { return .closed }
        held.append((element, weight))
        pumpLater()
        return gate.accept(weight: weight)
    }

    func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        switch weigher.takeIn(elements, at: gate, store: { held.append(($0, $1)) }) {
        case .answered(let outcome): return outcome
        case .stored:
            pumpLater()
            return gate.settle()
        }
    }

    func finish(within deadline: Duration?) {
        if let deadline, gate.end == nil, self.deadline == nil {
            self.deadline = gate.scheduler.schedule(after: deadline) { [weak self] in
                self?.abort(EndReason(.timedOut, detail: "the graceful end took longer than \(deadline)"))
            }
        }
        gate.finish()
    }

    /// The write side has ended in order, or with an error behind what was held.
    func gateDrained(_ reason: EndReason) {
        endWriting(reason)
        if reason.isOrderly { endReading(reason) } else { reset(reason) }
    }

    /// Ends both directions now: what is held here is dropped, and the reading end is lost.
    func abort(_ reason: EndReason) {
        guard gate.end == nil || opposite?.end == nil else { return gate.end(reason) }  // C6.7
        let first = gate.failure ?? reason.abortive
        endWriting(reason.abortive, telling: .later)
        reset(first)
    }

    func discardHeld() -> Int {
        // Let go only when nobody looks at the queue: an element may call back when it goes.
        let dropped = held
        held = Deque()
        // The consumer has it, and answers for it from here on (C3.1).
        if handing > 0 { gate.drain(weight: handing) }
        return dropped.count
    }

    // MARK: The reading end

    /// Delivers what can be delivered now.
    func proceed() {
        pumpLater()
        deliverEnd()
    }

    /// From now on what comes out is counted and discarded (C7.7).
    func discard() {
        discards = true
        pumpLater()
    }

    /// The reading end wants no more, and its consumer hears of it.
    func stopReading(_ reason: EndReason) {
        discards = true
        outlet.fail(reason)
        pumpLater()
    }

    // MARK: Private

    private func pumpLater() {
        guard !isPumpDue, !held.isEmpty else { return }
        isPumpDue = true
        gate.scheduler.onLaterTurn { [self] in
            isPumpDue = false
            pump()
        }
    }

    /// Delivers what was held when the turn began; what is written meanwhile waits for the next.
    private func pump() {
        for _ in 0..<held.count {
            guard !isCut, discards || outlet.isOpen, let (element, weight) = held.popFirst() else { return }
            handing = weight
            if discards { discarded += 1 } else { outlet.write(element) }
            handing = 0
            if gate.end == nil { gate.drain(weight: weight) }
        }
        pumpLater()
    }

    /// Nothing more goes either way, and the other end learns of it on a later turn.
    private func reset(_ reason: EndReason) {
        opposite?.cut(reason)
        let lost = EndReason(.lost, error: reason, detail: "reset by the peer")
        gate.scheduler.onLaterTurn { [self, opposite] in
            opposite?.endWriting(lost)
            endReading(lost)
        }
    }

    /// The reading end is gone: what is held was never delivered, and is dropped when the writing end learns of it (C7.3).
    private func cut(_ reason: EndReason) {
        isCut = true
        discards = true
        outlet.fail(reason)
    }

    private func endWriting(_ reason: EndReason, telling: Gate.Telling = .now) {
        deadline?.cancel()
        gate.end(reason, telling: telling)
    }

    private func endReading(_ reason: EndReason) {
        guard end == nil else { return }
        end = reason
        let tell = onEnd
        onEnd = nil
        tell?(reason)  // C7.2: at once, also while paused
        deliverEnd()
    }

    /// The end comes behind the elements, and not to a paused consumer (C7.2).
    private func deliverEnd() {
        guard let end, outlet.isOpen else { return }
        outlet.end(end)
    }
}

@available(*, unavailable)
extension DuplexLane: Sendable {}
