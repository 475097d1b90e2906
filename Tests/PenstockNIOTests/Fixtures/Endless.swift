/// The same element for ever.
struct Endless<Element>: Sequence, IteratorProtocol {
    let element: Element

    init(_ element: Element) { self.element = element }

    func next() -> Element? { element }
}
