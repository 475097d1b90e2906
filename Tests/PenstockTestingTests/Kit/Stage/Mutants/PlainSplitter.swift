import Penstock
import PenstockTesting

/// A stage with several consumers, which go at the stated pace, and the place for deliberate defects of C8.4.
final class PlainSplitter: GatedConsumer {
    typealias Element = Int

    let gate: Gate
    let pace: StageBranches<Int>.Pace
    let departure: StageBranches<Int>.Departure
    private(set) var missed = 0

    private let mutation: BranchMutation?
    /// The elements that somebody may still want, and the number of the first of them.
    private var held: [Int] = []
    private var first = 0
    private var branches: [Branch] = []
    private var isPumping = false

    init(
        _ pace: StageBranches<Int>.Pace,
        _ departure: StageBranches<Int>.Departure,
        mutation: BranchMutation?,
        scheduler: any Scheduler
    ) {
        self.pace = pace
        self.departure = departure
        self.mutation = mutation
        // What waits within the lag is held, so the marks have room for it.
        var low = 1
        if case .lag(let lag, _) = pace { low = lag }
        let flow = FlowControl(marks: Watermarks(low: low, high: low + 2))
        gate = Gate(name: "splitter", flow: flow, scheduler: scheduler)
        gate.owner = self
    }

    private func has(_ mutation: BranchMutation) -> Bool { self.mutation == mutation }

    private var end: Int { first + held.count }

    func write(_ element: consuming Int) -> WriteOutcome { write(contentsOf: CollectionOfOne(element)) }

    func write(contentsOf elements: some Sequence<Int>) -> WriteOutcome {
        for element in elements {
            guard gate.admits(weight: 1) else { return .closed }
            held.append(element)
            gate.store(weight: 1)
        }
        pump()
        return gate.settle()
    }

    func discardHeld() -> Int {
        defer { held = [] }
        return held.count
    }

    // MARK: Branches

    func attach(
        to consumer: any Consumer<Int>,
        done: @escaping (FlowResult) -> Void = { _ in }
    ) throws(RegistrationError) {
        let branch = Branch(self, consumer, next: first, done)
        branches.append(branch)
        try consumer.registerProducer(branch)
        pump()
    }

    fileprivate func pump() {
        guard !isPumping else { return }
        isPumping = true
        var goesOn = true
        while goesOn {
            goesOn = false
            for (index, branch) in branches.enumerated() {
                if has(.forgetsTheOthers), index > 0 { continue }
                while !branch.isPaused, !branch.isOver, branch.next < end {
                    let element = held[branch.next - first]
                    branch.next += 1
                    branch.consumer.write(has(.othersGetLess) && index > 0 ? -element : element)
                    goesOn = true
                }
            }
            // What the gate lets in here is for everybody again.
            if letGo() > 0 { goesOn = true }
        }
        isPumping = false
    }

    /// Forgets what nobody wants any more, and what the lag has passed.
    private func letGo() -> Int {
        if case .lag(let lag, let laggard) = pace { leaveBehind(has(.lagsTooMuch) ? lag + 1 : lag, laggard) }
        let waiting = branches.filter { !$0.isOver }
        let positions = waiting.map(\.next)
        let oldest = (has(.quickestSetsThePace) ? positions.max() : positions.min()) ?? end
        let count = oldest - first
        guard count > 0 else { return 0 }
        for branch in waiting where branch.next < oldest { branch.next = oldest }
        held.removeFirst(count)
        first = oldest
        gate.drain(weight: count)
        return count
    }

    private func leaveBehind(_ lag: Int, _ laggard: StageBranches<Int>.Laggard) {
        let quickest = branches.filter { !$0.isOver }.map(\.next).max() ?? end
        for branch in branches where !branch.isOver && quickest - branch.next > lag {
            if has(.waitsForTheLaggard) { continue }
            switch laggard {
            case .misses:
                if !has(.missesUncounted) { missed += quickest - lag - branch.next }
                branch.next = quickest - lag
            case .ends:
                if has(.laggardEndsInOrder) { branch.conclude(.finished) } else { branch.conclude(.aborted) }
            }
        }
    }

    fileprivate func left(_ reason: EndReason) {
        guard departure == .endsAll ? !has(.leavingIsIgnored) : has(.leavingEndsAll) else { return pump() }
        gate.end(reason.abortive)
        for branch in branches where !branch.isOver { branch.conclude(reason.abortive) }
    }

    func gateDrained(_ reason: EndReason) {
        for branch in branches where !branch.isOver { branch.conclude(reason) }
        gate.end(reason)
    }

    func abort(_ reason: EndReason) {
        gate.end(reason.abortive, telling: .later)
        for branch in branches where !branch.isOver { branch.conclude(reason.abortive) }
    }
}

/// One of the consumers of a ``PlainSplitter``.
private final class Branch: PushProducer {
    let consumer: any Consumer<Int>
    var next: Int
    private(set) var isPaused = false
    private(set) var isOver = false
    private unowned let splitter: PlainSplitter
    private let done: (FlowResult) -> Void

    init(
        _ splitter: PlainSplitter,
        _ consumer: any Consumer<Int>,
        next: Int,
        _ done: @escaping (FlowResult) -> Void
    ) {
        self.splitter = splitter
        self.consumer = consumer
        self.next = next
        self.done = done
    }

    func pauseProducing() { isPaused = true }

    func resumeProducing() {
        isPaused = false
        splitter.pump()
    }

    func stopProducing(_ reason: EndReason) {
        isOver = true
        done(FlowResult(end: reason, summary: FlowSummary()))
        splitter.left(reason)
    }

    /// Ends the branch from the side of the stage.
    func conclude(_ reason: EndReason) {
        isOver = true
        consumer.unregisterProducer()
        if reason.isOrderly { consumer.finish() } else { consumer.abort(reason) }
        done(FlowResult(end: reason, summary: FlowSummary()))
    }
}
