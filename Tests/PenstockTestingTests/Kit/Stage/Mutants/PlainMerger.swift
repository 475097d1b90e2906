import Penstock
import PenstockTesting

/// A stage with two producers, which take turns, and the place for deliberate defects of C8.4.
final class PlainMerger: PushProducer {
    /// The side of one producer.
    final class Inlet: GatedConsumer {
        typealias Element = Int

        let gate: Gate
        var held: [Int] = []
        fileprivate weak var merger: PlainMerger?

        init(_ name: String, scheduler: any Scheduler) {
            gate = Gate(name: name, flow: FlowControl(marks: Watermarks(low: 1, high: 3)), scheduler: scheduler)
            gate.owner = self
        }

        func write(_ element: consuming Int) -> WriteOutcome { write(contentsOf: CollectionOfOne(element)) }

        func write(contentsOf elements: some Sequence<Int>) -> WriteOutcome {
            for element in elements {
                guard gate.admits(weight: 1) else { return .closed }
                held.append(element)
                gate.store(weight: 1)
            }
            merger?.pump()
            return gate.settle()
        }

        func discardHeld() -> Int {
            defer { held = [] }
            return held.count
        }

        func gateDrained(_ reason: EndReason) {
            gate.end(reason)
            merger?.concludeIfDone()
        }
    }

    let inlets: [Inlet]
    private let mutation: BranchMutation?
    private var consumer: (any Consumer<Int>)?
    private var done: ((FlowResult) -> Void)?
    private var isPaused = false
    private var isPumping = false
    private var last = 1

    init(mutation: BranchMutation?, scheduler: any Scheduler) {
        self.mutation = mutation
        inlets = ["first", "second"].map { Inlet($0, scheduler: scheduler) }
        for inlet in inlets { inlet.merger = self }
    }

    func attach(to consumer: any Consumer<Int>, done: @escaping (FlowResult) -> Void) throws(RegistrationError) {
        self.consumer = consumer
        self.done = done
        try consumer.registerProducer(self)
        pump()
    }

    func pauseProducing() { isPaused = true }

    func resumeProducing() {
        isPaused = false
        pump()
    }

    func stopProducing(_ reason: EndReason) {
        consumer = nil
        done?(FlowResult(end: reason, summary: FlowSummary()))
        for inlet in inlets { inlet.abort(reason) }
    }

    fileprivate func pump() {
        guard !isPumping else { return }
        isPumping = true
        while let consumer, !isPaused {
            let order = mutation == .firstProducerFirst ? [0, 1] : [1 - last, last]
            guard let index = order.first(where: { !inlets[$0].held.isEmpty }) else { break }
            last = index
            var element = inlets[index].held.removeFirst()
            if mutation == .mixesUpProducers, element == 2 { element = 3 }
            if mutation != .losesOneOfMany || element != 5 { consumer.write(element) }
            inlets[index].gate.drain(weight: 1)
        }
        isPumping = false
    }

    fileprivate func concludeIfDone() {
        let count = inlets.count { $0.gate.end != nil }
        guard count == (mutation == .firstEndEndsAll ? 1 : 2), let consumer else { return }
        self.consumer = nil
        consumer.unregisterProducer()
        consumer.finish()
        done?(FlowResult(end: .finished, summary: FlowSummary()))
    }
}
