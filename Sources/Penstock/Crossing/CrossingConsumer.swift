/// The near end of a crossing: a consumer whose elements come out in another isolation domain.
///
/// It belongs to the domain of whoever writes, and keeps the whole contract there: marks, holds, phases. Its level counts
/// what the domain behind has not taken yet, as of the last wake-up: room comes back in batches. Until the other end has a
/// consumer there is the hold ``Hold/downstream``. So no more is ever under
/// way than its high mark plus one element, and its producer writes nothing after it was paused (C4.7, C9.3).
///
/// It ends when everything has been handed to the consumer behind, the end included, or when that one has ended, with its
/// reason. If it is dropped without having ended, the consumer behind gets what was written, then a failure with
/// ``EndReason/Code/lost``.
///
/// A write costs a lock and, if the domain behind has nothing under way, a wake-up.
public final class CrossingConsumer<Element: Sendable>: GatedConsumer {
    /// The gate: marks, holds, observer, `onEnd`.
    public let gate: Gate

    private let queue: CrossingQueue<Element>
    private let weigher: Weigher<Element>
    private var lastTakenAt: Duration
    /// Whether the far end has been woken in this turn, and the bell that is to ring in the next because of that.
    private var hasRung = false
    private var due: Bell?
    private lazy var nextTurn: () -> Void = { [weak self] in self?.turn() }
    /// Nobody else may hold it between `finish()` and the end, which its owner is to hear of.
    private var keepsItself: CrossingConsumer?

    init(_ queue: CrossingQueue<Element>, scheduler: any Scheduler) {
        self.queue = queue
        weigher = queue.weigher.weigher
        lastTakenAt = scheduler.now
        gate = Gate(name: queue.name, flow: FlowControl(marks: queue.marks), scheduler: scheduler)
        gate.owner = self
        let bell = scheduler.makeBell { [weak self] in self?.look() }
        if !queue.installNear(bell) { gate.hold(.downstream) }
    }

    deinit { queue.nearIsGone() }

    /// Sends an element across.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        let weight = weigher.weight(of: element)
        guard weight > 0 else { return gate.acceptEmpty() }  // C3.4
        guard gate.admits(weight: weight) else { return .closed }
        call(queue.append(element, weight: weight))
        return gate.accept(weight: weight)
    }

    /// Sends several elements across, as one decision and with one lock.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        var entries: [CrossingQueue<Element>.Entry] = []
        entries.reserveCapacity(elements.underestimatedCount)
        switch weigher.takeIn(elements, at: gate, store: { entries.append(.init(element: $0, weight: $1)) }) {
        case .answered(let outcome): return outcome
        case .stored:
            call(queue.append(contentsOf: entries))
            return gate.settle()
        }
    }

    /// Ends both sides now: what the domain behind has not taken is dropped, and its consumer is failed.
    public func abort(_ reason: EndReason) {
        guard gate.end == nil else { return gate.end(reason) }
        queue.cut(gate.failure ?? reason.abortive)  // C6.7
        gate.end(reason.abortive, telling: .later)
        keepsItself = nil
    }

    /// No more elements come: the end follows those that are under way.
    public func gateDraining(_ reason: EndReason) { announce(reason) }

    /// Everything has been taken; what is left is that the end arrives, too.
    public func gateDrained(_ reason: EndReason) {
        announce(reason)
        look()
    }

    /// Drops what the domain behind has not taken.
    public func discardHeld() -> Int {
        let (elements, taken) = queue.discard()
        if taken > 0 { gate.drain(weight: taken) }
        return elements
    }

    /// That the domain behind takes something, and what its consumer waits for, as of its last pause.
    ///
    /// Clocks do not cross: both ages count from the moment when this side last heard that something was taken.
    public var downstreamWaits: [FlowSnapshot.Wait] {
        let age = scheduler.now - lastTakenAt
        let wait = FlowSnapshot.Wait(reason: "the domain behind \(gate.name) to take something", age: age)
        return [wait] + queue.waits.map { .init(reason: $0.reason, age: $0.age + age) }
    }

    /// Wakes the far end: at once if that was not done in this turn, else with the next one, for all that is written until then.
    ///
    /// A far end that is quicker than the writer sleeps again before the next element comes, and to wake it costs more than
    /// many elements.
    private func call(_ bell: Bell?) {
        guard let bell else { return }
        if hasRung {
            due = bell
        } else {
            hasRung = true
            bell.ring()
            scheduler.onLaterTurn(nextTurn)
        }
    }

    private func turn() {
        hasRung = false
        let bell = due
        due = nil
        call(bell)
    }

    private func announce(_ reason: EndReason) {
        keepsItself = self
        queue.announce(reason)
    }

    /// Takes in what has come back: credit, and the end.
    private func look() {
        guard gate.end == nil else { return }
        let news = queue.collect()
        if news.taken > 0 {
            lastTakenAt = scheduler.now
            gate.drain(weight: news.taken)
        }
        if news.isAttached { gate.release(.downstream) }
        if let loss = news.loss {
            gate.end(loss.abortive)
        } else if news.isEndGiven {
            gate.end(gate.asked)
        }
        if gate.end != nil { keepsItself = nil }
    }
}

@available(*, unavailable)
extension CrossingConsumer: Sendable {}
