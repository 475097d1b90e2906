/// What elements weigh on both sides of a crossing; see ``Weigher``.
struct SharedWeigher<Element: Sendable>: Sendable {
    let weigh: @Sendable (Element) -> Int
    let mayBeNothing: Bool

    init(_ weigh: @escaping @Sendable (Element) -> Int) {
        self.weigh = weigh
        mayBeNothing = false
    }

    var weigher: Weigher<Element> { Weigher(weigh, mayBeNothing: mayBeNothing) }

    /// The weight, at least 1; 0 for an element without content.
    func weight(of element: Element) -> Int { weigher.weight(of: element) }
}

extension SharedWeigher where Element: Weighted {
    /// Weighs by what the elements say of themselves.
    init() {
        weigh = { $0.hasContent ? $0.weight : 0 }
        mayBeNothing = true
    }
}
