/// A consumer that gathers everything up to a mandatory cap.
///
/// It never pauses its producer, because nobody drains it. A write that would exceed the cap ends the stream with
/// ``EndReason/Code/overflow`` and stops the producer; what was gathered until then stays readable.
public final class Collector<Element>: GatedConsumer {
    /// The gate: holds, observer, `onEnd`.
    public let gate: Gate
    /// The most that is gathered, in weight.
    public let cap: Int
    /// What has been gathered.
    public private(set) var elements: [Element] = []
    /// The weight of what has been gathered.
    public private(set) var weight = 0

    private let weigher: Weigher<Element>

    /// Creates a collector.
    ///
    /// - Parameters:
    ///   - cap: The most that is gathered, in weight.
    ///   - weight: What an element costs, at least 1.
    ///   - scheduler: Serves the isolation domain of the collector.
    ///   - name: Shown in snapshots.
    public convenience init(
        cap: Int,
        weight: @escaping (Element) -> Int,
        scheduler: any Scheduler,
        name: String = "collector"
    ) {
        self.init(cap, Weigher(weight), scheduler, name)
    }

    private init(_ cap: Int, _ weigher: Weigher<Element>, _ scheduler: any Scheduler, _ name: String) {
        precondition(cap >= 0, "a collector's cap is at least 0, not \(cap)")
        self.cap = cap
        self.weigher = weigher
        // What is gathered has reached its destination: it never counts toward the level.
        gate = Gate(name: name, flow: FlowControl(marks: Watermarks(low: 0, high: 0), limit: nil), scheduler: scheduler)
        gate.owner = self
    }

    /// Why the stream ended; nil while it has not.
    public var end: EndReason? { gate.end }

    /// Gathers an element; see ``Consumer/write(_:)``.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        gather(CollectionOfOne(element))
    }

    /// Gathers several elements; see ``Consumer/write(contentsOf:)``.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        gather(elements)
    }

    /// What is gathered is not held for anybody.
    public func discardHeld() -> Int { 0 }

    private func gather(_ newcomers: some Sequence<Element>) -> WriteOutcome {
        let wasTaking = gate.flow.isTaking
        var taken = Delivery.Amount.none
        var hasEmpty = false
        var hasRefused = false
        gate.enter()
        for element in newcomers {
            let cost = weigher.weight(of: element)
            if cost == 0, gate.flow.isTaking {
                hasEmpty = true
                continue
            }
            if gate.flow.isTaking, cost > cap - weight {
                let detail = "gathered \(weight) of at most \(cap), and an element of weight \(cost) came"
                count(taken)
                taken = .none
                abort(EndReason(.overflow, detail: detail))
            }
            guard gate.admits(weight: cost) else {
                hasRefused = true
                continue
            }
            elements.append(element)
            weight += cost
            taken = taken + Delivery.Amount(elements: 1, weight: cost)
        }
        count(taken)
        gate.leave()
        if hasEmpty, taken.elements == 0, gate.flow.isTaking { return gate.acceptEmpty() }  // C3.4
        let outcome = wasTaking ? gate.settle() : .closed
        return hasRefused ? .closed : outcome
    }

    /// All elements of a write at once, so that what a producer writes inside a signal comes behind all of them (C3.5).
    private func count(_ taken: Delivery.Amount) {
        guard taken.elements > 0 else { return }
        gate.store(weight: taken.weight, elements: taken.elements)
        gate.drain(weight: taken.weight)
    }
}

extension Collector where Element: Weighted {
    /// Creates a collector of elements that know their weight; those without content are not gathered (C3.4).
    public convenience init(cap: Int, scheduler: any Scheduler, name: String = "collector") {
        self.init(cap, Weigher(), scheduler, name)
    }
}

@available(*, unavailable)
extension Collector: Sendable {}
