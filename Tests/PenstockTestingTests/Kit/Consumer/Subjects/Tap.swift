import Penstock

/// A consumer that takes as many elements as it is told to, and holds its producer otherwise.
final class Tap: GatedConsumer {
    typealias Element = Int

    let gate: Gate
    private(set) var elements: [Int] = []
    private var credit = 0

    init(scheduler: any Scheduler) {
        gate = Gate(
            name: "tap",
            flow: FlowControl(marks: Watermarks(low: 0, high: 0), limit: nil),
            scheduler: scheduler
        )
        gate.owner = self
        gate.hold(.owner)
    }

    /// Takes one more element as soon as it comes.
    func takeOne() {
        credit = 1
        gate.release(.owner)
    }

    func write(_ element: consuming Int) -> WriteOutcome { write(contentsOf: CollectionOfOne(element)) }

    func write(contentsOf newcomers: some Sequence<Int>) -> WriteOutcome {
        for element in newcomers {
            guard gate.admits(weight: 1) else { continue }
            elements.append(element)
            gate.store(weight: 1)
            gate.drain(weight: 1)
            credit -= 1
        }
        if credit <= 0 { gate.hold(.owner) }
        return gate.settle()
    }

    func discardHeld() -> Int { 0 }
}
