import DequeModule

/// A consumer that counts and drops: the sink of a benchmark, or of what nobody wants.
///
/// Its level is zero whenever a write has returned; holds still pause its producer, so it can be throttled.
public final class NullConsumer<Element>: GatedConsumer {
    /// The gate: holds, observer, `onEnd`; its `delivery` has the counts.
    public let gate: Gate
    /// Called with every element before it is dropped.
    public var onElement: ((Element) -> Void)?

    private let weigher: Weigher<Element>
    private var waiting: Deque<(element: Element, weight: Int)> = []
    private var isShowing = false
    /// The weight of the element that is being shown.
    private var handing = 0

    /// Creates a consumer that drops everything.
    ///
    /// - Parameters:
    ///   - weight: What an element counts, at least 1.
    ///   - scheduler: Serves the isolation domain of the consumer.
    ///   - name: Shown in snapshots.
    public convenience init(weight: @escaping (Element) -> Int, scheduler: any Scheduler, name: String = "null") {
        self.init(Weigher(weight), scheduler, name)
    }

    private init(_ weigher: Weigher<Element>, _ scheduler: any Scheduler, _ name: String) {
        self.weigher = weigher
        gate = Gate(name: name, flow: FlowControl(marks: Watermarks(low: 0, high: 0), limit: nil), scheduler: scheduler)
        gate.owner = self
    }

    /// How many elements of which weight were dropped.
    public var total: Delivery.Amount { gate.flow.delivery.accepted }

    /// Why the stream ended; nil while it has not.
    public var end: EndReason? { gate.end }

    /// Counts and drops an element.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        let weight = weigher.weight(of: element)
        guard weight > 0 else { return gate.acceptEmpty() }  // C3.4
        guard gate.admits(weight: weight) else { return .closed }
        gate.enter()
        gate.store(weight: weight)
        if onElement != nil { waiting.append((element, weight)) }
        return conclude(weight)
    }

    /// Counts and drops several elements, as one decision.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        let isShown = onElement != nil
        switch weigher.takeIn(elements, at: gate, store: { if isShown { waiting.append(($0, $1)) } }) {
        case .answered(let outcome): return outcome
        case .stored(let amount):
            gate.enter()
            return conclude(amount.weight)
        }
    }

    /// Only what is being written can be held.
    public func discardHeld() -> Int {
        // Let go only when nobody looks at the queue: an element may call back when it goes.
        let dropped = waiting
        waiting = Deque()
        // What has been shown has come out.
        if handing > 0 { gate.drain(weight: handing) }
        return dropped.count
    }

    private func conclude(_ weight: Int) -> WriteOutcome {
        if onElement != nil { show() } else if gate.end == nil { gate.drain(weight: weight) }
        gate.leave()
        return gate.settle()
    }

    /// Shows what was taken, in the order of the calls (C3.7), also if more is written meanwhile.
    private func show() {
        guard !isShowing else { return }
        isShowing = true
        while let (element, weight) = waiting.popFirst() {
            handing = weight
            onElement?(element)
            handing = 0
            if gate.end == nil { gate.drain(weight: weight) }
        }
        isShowing = false
    }
}

extension NullConsumer where Element: Weighted {
    /// Creates a consumer of elements that know their weight; those without content do not count (C3.4).
    public convenience init(scheduler: any Scheduler, name: String = "null") {
        self.init(Weigher(), scheduler, name)
    }
}

@available(*, unavailable)
extension NullConsumer: Sendable {}
