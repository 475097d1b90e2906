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

    private let weigh: (Element) -> Int
    private let transform: (Element) throws -> Output
    private var held: Deque<(element: Element, weight: Int)> = []
    private var isPumping = false
    private var isHanding = false

    /// Creates a stage.
    ///
    /// - Parameters:
    ///   - marks: When to pause and when to resume the producer, for what is held while the consumer is full.
    ///   - weight: What an element costs, at least 1.
    ///   - scheduler: Serves the isolation domain of the stage.
    ///   - name: Shown in snapshots.
    ///   - transform: Turns one element into another; called once for each, in order.
    public init(
        marks: Watermarks,
        weight: @escaping (Element) -> Int,
        scheduler: any Scheduler,
        name: String = "map",
        transform: @escaping (Element) throws -> Output
    ) {
        weigh = weight
        self.transform = transform
        gate = Gate(name: name, flow: FlowControl(marks: marks), scheduler: scheduler)
        outlet = Outlet(scheduler: scheduler)
        gate.owner = self
        gate.hold(.downstream)
    }

    /// Passes an element through, or holds it.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        let weight = weigh(element)
        guard gate.admits(weight: weight) else { return .closed }
        guard outlet.isOpen, held.isEmpty, !isPumping else {
            held.append((element, weight))
            return gate.accept(weight: weight)
        }
        gate.store(weight: weight)
        isPumping = true
        hand(element, weight)
        isPumping = false
        pump()
        return gate.settle()
    }

    /// Passes several elements through, or holds them, as one decision.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        guard gate.admits(weight: 0, elements: 0) else {
            for element in elements { _ = gate.admits(weight: weigh(element)) }
            return .closed
        }
        var count = 0
        var total = 0
        for element in elements {
            let weight = weigh(element)
            precondition(weight >= 1, "an element weighs at least 1")
            held.append((element, weight))
            count += 1
            total += weight
        }
        guard count > 0 else { return gate.flow.hasRoom ? .room : .full }
        let outcome = gate.accept(weight: total, elements: count)
        pump()
        return outcome
    }

    /// Passes on what is held while the consumer has room.
    public func pump() {
        guard !isPumping else { return }
        isPumping = true
        while outlet.isOpen, let (element, weight) = held.popFirst() {
            hand(element, weight)
        }
        isPumping = false
    }

    /// Drops what is held.
    public func discardHeld() -> Int {
        defer { held.removeAll() }
        return held.count + (isHanding ? 1 : 0)
    }

    private func hand(_ element: Element, _ weight: Int) {
        gate.enter()
        isHanding = true
        do { outlet.write(try transform(element)) } catch { failBothSides(error) }
        isHanding = false
        if gate.end == nil { gate.drain(weight: weight) }
        gate.leave()
    }
}

extension Map where Element: Weighted {
    /// Creates a stage for elements that know their weight.
    public convenience init(
        marks: Watermarks,
        scheduler: any Scheduler,
        name: String = "map",
        transform: @escaping (Element) throws -> Output
    ) {
        self.init(marks: marks, weight: { $0.weight }, scheduler: scheduler, name: name, transform: transform)
    }
}

@available(*, unavailable)
extension Map: Sendable {}
