/// A consumer and a source that stands where a push producer is wanted and only a pull producer is at hand.
///
/// Register the pull producer with it and attach it to the consumer. It asks the producer for elements as long as its
/// own consumer has room, within the budget its scheduler gives a turn (C5.5), and asks nothing while it is paused (C5.6).
/// A push producer may be registered as well; then it is a plain buffer between the two.
public final class PushFromPull<Element>: Stage {
    /// What is written is what is produced.
    public typealias Output = Element

    private let passage: Map<Element, Element>

    /// Creates an adapter.
    ///
    /// - Parameters:
    ///   - marks: Bounds what a late or disobedient producer writes while the consumer is full.
    ///   - weight: What an element costs, at least 1.
    ///   - scheduler: Paces the questions.
    ///   - name: Shown in snapshots.
    public convenience init(
        marks: Watermarks,
        weight: @escaping (Element) -> Int,
        scheduler: any Scheduler,
        name: String = "push from pull"
    ) {
        self.init(marks, Weigher(weight), scheduler, name)
    }

    private init(_ marks: Watermarks, _ weigher: Weigher<Element>, _ scheduler: any Scheduler, _ name: String) {
        passage = Map(marks, weigher, scheduler, name, { $0 })
    }

    /// The consuming side.
    public var gate: Gate { passage.gate }
    /// The producing side.
    public var outlet: Outlet<Element> { passage.outlet }

    /// Passes an element through, or holds it while the consumer is full.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome { passage.write(element) }

    /// Passes several elements through, or holds them, as one decision.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        passage.write(contentsOf: elements)
    }

    /// Passes on what is held while the consumer has room.
    public func pump() { passage.pump() }

    /// Drops what is held.
    public func discardHeld() -> Int { passage.discardHeld() }
}

extension PushFromPull where Element: Weighted {
    /// Creates an adapter for elements that know their weight; those without content are not passed on (C3.4).
    public convenience init(marks: Watermarks, scheduler: any Scheduler, name: String = "push from pull") {
        self.init(marks, Weigher(), scheduler, name)
    }
}

@available(*, unavailable)
extension PushFromPull: Sendable {}
