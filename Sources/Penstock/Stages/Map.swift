import DequeModule

/// A stage that turns each element into another.
///
/// Elements pass through within the write while the consumer has room; written while it has none, they are held, before
/// the transformation, and count toward the level. An error of the transformation stops the producer and fails the
/// consumer (C8.3).
public final class Map<Element, Output>: Stage {
    /// The consuming side: marks, holds, observer, `onEnd`.
    public let gate: Gate
    /// The producing side.
    public let outlet: Outlet<Output>

    /// What becomes of the element that has left the queue.
    private enum Hand {
        case empty
        case transforming
        case writing(weight: Int)
    }

    private let weigher: Weigher<Element>
    private let transform: (Element) throws -> Output
    private var held: Deque<(element: Element, weight: Int)> = []
    private var isPumping = false
    private var hand = Hand.empty

    /// Creates a stage.
    ///
    /// - Parameters:
    ///   - marks: When to pause and when to resume the producer, for what is held while the consumer is full.
    ///   - weight: What an element costs, at least 1.
    ///   - scheduler: Serves the isolation domain of the stage.
    ///   - name: Shown in snapshots.
    ///   - transform: Turns one element into another; called once for each, in order.
    public convenience init(
        marks: Watermarks,
        weight: @escaping (Element) -> Int,
        scheduler: any Scheduler,
        name: String = "map",
        transform: @escaping (Element) throws -> Output
    ) {
        self.init(marks, Weigher(weight), scheduler, name, transform)
    }

    init(
        _ marks: Watermarks,
        _ weigher: Weigher<Element>,
        _ scheduler: any Scheduler,
        _ name: String,
        _ transform: @escaping (Element) throws -> Output
    ) {
        self.weigher = weigher
        self.transform = transform
        gate = Gate(name: name, flow: FlowControl(marks: marks), scheduler: scheduler)
        outlet = Outlet(scheduler: scheduler)
        gate.owner = self
        gate.hold(.downstream)
    }

    /// Passes an element through, or holds it.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        let weight = weigher.weight(of: element)
        guard weight > 0 else { return gate.acceptEmpty() }  // C3.4
        guard gate.admits(weight: weight) else { return .closed }
        guard outlet.isOpen, held.isEmpty, !isPumping else {
            held.append((element, weight))
            return gate.accept(weight: weight)
        }
        gate.store(weight: weight)
        isPumping = true
        pass(element, weight)
        isPumping = false
        pump()
        return gate.settle()
    }

    /// Passes several elements through, or holds them, as one decision.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        switch weigher.takeIn(elements, at: gate, store: { held.append(($0, $1)) }) {
        case .answered(let outcome): return outcome
        case .stored:
            pump()
            return gate.settle()
        }
    }

    /// Passes on what is held while the consumer has room.
    public func pump() {
        guard !isPumping, gate.end == nil else { return }
        isPumping = true
        while outlet.isOpen, gate.end == nil, let (element, weight) = held.popFirst() {
            pass(element, weight)
        }
        isPumping = false
    }

    /// Drops what is held.
    public func discardHeld() -> Int {
        // Let go only when nobody looks at the queue: an element may call back when it goes.
        let dropped = held
        held = Deque()
        switch hand {
        case .empty: return dropped.count
        case .transforming: return dropped.count + 1
        case .writing(let weight):
            // The consumer has it, and answers for it from here on (C3.1).
            gate.drain(weight: weight)
            return dropped.count
        }
    }

    private func pass(_ element: Element, _ weight: Int) {
        gate.enter()
        hand = .transforming
        do {
            let output = try transform(element)
            hand = .writing(weight: weight)
            outlet.write(output)
        } catch { failBothSides(error) }
        hand = .empty
        if gate.end == nil { gate.drain(weight: weight) }
        gate.leave()
    }
}

extension Map where Element: Weighted {
    /// Creates a stage for elements that know their weight; those without content are not passed on (C3.4).
    public convenience init(
        marks: Watermarks,
        scheduler: any Scheduler,
        name: String = "map",
        transform: @escaping (Element) throws -> Output
    ) {
        self.init(marks, Weigher(), scheduler, name, transform)
    }
}

@available(*, unavailable)
extension Map: Sendable {}
