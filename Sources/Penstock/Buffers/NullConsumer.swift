/// A consumer that counts and drops: the sink of a benchmark, or of what nobody wants.
///
/// Its level is zero whenever a write has returned; holds still pause its producer, so it can be throttled.
public final class NullConsumer<Element>: GatedConsumer {
    /// The gate: holds, observer, `onEnd`; its `delivery` has the counts.
    public let gate: Gate
    /// Called with every element before it is dropped.
    public var onElement: ((Element) -> Void)?

    private let weigher: Weigher<Element>
    private var held = Delivery.Amount.none

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
        take(element, weight)
        return conclude()
    }

    /// Counts and drops several elements, as one decision.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        gate.enter()
        var hasEmpty = false
        for element in elements {
            let weight = weigher.weight(of: element)
            if weight == 0, gate.flow.isTaking {
                hasEmpty = true
            } else if gate.admits(weight: weight) {
                take(element, weight)
            }
        }
        if hasEmpty, held.elements == 0, gate.flow.isTaking { _ = gate.acceptEmpty() }  // C3.4
        return conclude()
    }

    /// Only what is being written can be held.
    public func discardHeld() -> Int {
        defer { held = .none }
        return held.elements
    }

    private func take(_ element: Element, _ weight: Int) {
        held = held + Delivery.Amount(elements: 1, weight: weight)
        gate.store(weight: weight)
        onElement?(element)
    }

    private func conclude() -> WriteOutcome {
        let weight = held.weight
        held = .none
        if weight > 0 { gate.drain(weight: weight) }
        gate.leave()
        return gate.settle()
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
