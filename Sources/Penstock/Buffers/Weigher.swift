/// What the elements of a consumer weigh, and which of them are nothing.
///
/// One without content weighs 0 (C3.4). Only an element that knows its own weight can be that: an explicit weight below 1
/// is a mistake.
@usableFromInline
struct Weigher<Element> {
    @usableFromInline let weigh: (Element) -> Int
    @usableFromInline let mayBeNothing: Bool

    /// Weighs by a closure; every element has content.
    @inlinable
    init(_ weigh: @escaping (Element) -> Int) {
        self.weigh = weigh
        mayBeNothing = false
    }

    /// Weighs by a closure that answers 0 for an element without content, if there can be one.
    init(_ weigh: @escaping (Element) -> Int, mayBeNothing: Bool) {
        self.weigh = weigh
        self.mayBeNothing = mayBeNothing
    }

    /// The weight, at least 1; 0 for an element without content.
    @inlinable
    func weight(of element: Element) -> Int {
        let weight = weigh(element)
        precondition(weight >= 1 || mayBeNothing, "an element weighs at least 1")
        return weight
    }

    /// Stores the elements of a write, each with its weight, counts them at the gate, and leaves out those without content.
    ///
    /// - Returns: What was stored, to be settled by the gate; or the answer to a write that stored nothing.
    @inlinable
    func takeIn(
        _ elements: some Sequence<Element>,
        at gate: Gate,
        store: (consuming Element, Int) -> Void
    ) -> Intake {
        guard gate.admits(weight: 0, elements: 0) else {
            for element in elements { _ = gate.admits(weight: weight(of: element)) }
            return .answered(.closed)
        }
        if let intake = elements.withContiguousStorageIfAvailable({ takeIn($0, at: gate, store: store) }) {
            return intake
        }
        var stored = Delivery.Amount.none
        var hasEmpty = false
        for element in elements {
            let weight = weight(of: element)
            guard weight > 0 else {
                hasEmpty = true
                continue
            }
            // The sequence, or the weighing of its elements, may have ended the stream.
            guard gate.flow.isTaking else {
                _ = gate.admits(weight: weight)
                continue
            }
            store(element, weight)
            // At once, because the next element may come from a closure that takes this one.
            gate.store(weight: weight)
            stored.elements += 1
            stored.weight += weight
        }
        if stored.elements > 0 { return .stored(stored) }
        return .answered(hasEmpty ? gate.acceptEmpty() : gate.settle())
    }

    /// The same for elements that are all there already: nobody is called between them, so they are counted together.
    @inlinable
    func takeIn(
        _ elements: UnsafeBufferPointer<Element>,
        at gate: Gate,
        store: (consuming Element, Int) -> Void
    ) -> Intake {
        var stored = Delivery.Amount.none
        for element in elements {
            let weight = weight(of: element)
            guard weight > 0 else { continue }
            store(element, weight)
            stored.elements += 1
            stored.weight += weight
        }
        guard stored.elements > 0 else { return .answered(elements.isEmpty ? gate.settle() : gate.acceptEmpty()) }
        gate.store(weight: stored.weight, elements: stored.elements)
        return .stored(stored)
    }
}

/// What became of a write of several elements.
@usableFromInline
enum Intake {
    case stored(Delivery.Amount)
    case answered(WriteOutcome)
}

extension Weigher where Element: Weighted {
    /// Weighs by what the elements say of themselves.
    @inlinable
    init() {
        weigh = { element in
            guard element.hasContent else { return 0 }
            let weight = element.weight
            precondition(weight >= 1, "an element weighs at least 1")
            return weight
        }
        mayBeNothing = true
    }
}
