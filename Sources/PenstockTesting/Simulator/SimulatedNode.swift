import Penstock

/// A consumer of a simulated world, and beside it what it should be: a naive model of lists and sums, nothing incremental.
///
/// Whoever calls the consumer does so through the node: the model is moved first, then the consumer, and what the two say
/// is compared.
final class SimulatedNode {
    struct Entry {
        var number: Int
        var weight: Int
    }

    unowned let run: SimulationRun
    let index: Int
    let plan: SimulationWorld.Node
    let inner: any Consumer<SimulationElement>
    /// The gate of the consumer; nil for a subject of the caller's own.
    let gate: Gate?
    /// What produces the elements again.
    let source: (any Source<SimulationElement>)?
    let taking: (() -> SimulationElement?)?
    weak var duplex: Duplex<SimulationElement>?
    weak var transport: TestTransport?
    weak var collector: Collector<SimulationElement>?
    /// The other direction of the same pair.
    weak var partner: SimulatedNode?

    // The model.
    var marks: (low: Int, high: Int)
    var held: [Entry] = []
    /// The same for what cuts elements into others.
    var bytes: [UInt8] = []
    /// All that was written to a transport.
    var written: [UInt8] = []
    /// What has been handed on while the hand is still out.
    var inHand = 0
    var phase = FlowControl.Phase.open
    var kind = FlowControl.Kind.none
    var isPaused = false
    var isAsked = false
    var isFailed = false
    var accepted = Delivery.Amount.none
    var refused = 0
    var dropped = 0
    var holds: UInt8 = 0
    weak var push: SimulatedPush?
    weak var pull: SimulatedPull?
    /// It has ended, and its producer has not been told yet.
    var owesStop = false
    /// What is being registered with a stream that takes no more producers.
    weak var newcomer: AnyObject?
    /// It may end, or discard, by what happens at the other end of its pair.
    var mayEnd = false
    var mayDiscard = false
    /// The next transformation fails.
    var breaks = false

    // As a source.
    /// Whether the consumer behind has not paused this one.
    var isOpen = false
    var isAttached = false
    var isTransforming = false
    var wasPausedInTransform = false
    var attachments = 0
    var results = 0

    // What is going on.
    var writes = 0
    var signals = 0
    var questions = 0
    var ends = 0
    var isFinishing = false
    var isDiscarded = false
    /// How many of the bytes that a transport has sent have been compared.
    var compared = 0

    init(
        _ plan: SimulationWorld.Node,
        index: Int,
        run: SimulationRun,
        parts: SimulatedParts
    ) {
        self.plan = plan
        self.index = index
        self.run = run
        inner = parts.consumer
        gate = parts.gate
        source = parts.source
        taking = parts.take
        duplex = parts.duplex
        collector = parts.collector
        transport = parts.transport
        marks = parts.marks
    }

    // MARK: The naive model

    var hasProducer: Bool { kind != .none }
    var isTaking: Bool { phase == .open || phase == .finishing }
    var isSink: Bool { plan.kind == .null || plan.kind == .collector }

    var level: Int {
        if isSink { return 0 }
        if plan.kind == .transport { return isDiscarded ? 0 : accepted.weight - (transport?.sent.count ?? 0) }
        if plan.kind == .framer { return inHand + (bytes.isEmpty ? 0 : bytes.count + entryOverhead) }
        var sum = inHand
        for entry in held { sum += entry.weight }
        return sum
    }

    /// Whether somebody holds the consumer, besides the level.
    var isHeld: Bool {
        if let gate { return !gate.flow.holds.isEmpty }
        return false
    }

    func end() {
        guard phase != .ended else { return }
        phase = .ended
        owesStop = hasProducer
        if !owesStop { discard() }
        if plan.kind.isStage { isConcluding() }
    }

    /// What is held is dropped when the producer has been stopped (C6.2).
    func discard() {
        dropped += held.count
        inHand = 0
        isDiscarded = true
        held.removeAll(keepingCapacity: true)
        bytes.removeAll()
    }

    func stopped() {
        if phase == .ended { discard() }
    }

    /// The flow of this source is over.
    func isConcluding() {
        sync()
        isOpen = false
        isAttached = false
    }

    /// The consumer behind has ended.
    func cutShort() {
        isOpen = false
        isAttached = false
        // The one who asked for the flow hears of it first, so a stage ends within its stop.
        if plan.kind.isStage { mayEnd = true } else { mayDiscard = true }
    }

    /// The consumer behind has ended and said so.
    func wasCutShort() {
        sync()
        if plan.kind.isStage, phase != .ended { breach("C8.3", "has not ended with what is behind it") }
    }

    /// Whoever asked for the flow has its result.
    func isTold() {
        sync()
        results += 1
        isOpen = false
        isAttached = false
        run.react(.done, at: index)
    }

    /// Follows an end that comes from elsewhere.
    func sync() {
        followFinish()
        followDiscards()
        guard phase != .ended, mayEnd || plan.kind == .framer, gate?.end != nil else { return }
        if mayEnd || isLineTooLong { end() }
    }

    /// A pair whose other end reads no more discards what it has.
    private func followFinish() {
        guard isFinishing, phase == .open, let gate, gate.flow.phase != .open else { return }
        phase = gate.flow.phase
    }

    private func followDiscards() {
        guard mayDiscard, let gate else { return }
        while !held.isEmpty, level > gate.flow.level { held.removeFirst() }
    }

    var isLineTooLong: Bool {
        guard plan.kind == .framer else { return false }
        let most = SimulatedParts.longestLine
        if let end = bytes.firstIndex(of: 10) {
            return (end > 0 && bytes[end - 1] == 13 ? end - 1 : end) > most
        }
        return bytes.count > most + (phase == .draining ? 0 : 1)
    }

    // MARK: What is done to the consumer

    @discardableResult
    func write(_ element: SimulationElement) -> WriteOutcome {
        sync()
        let isTaken = element.byteCount > 0 ? admits() : isTaking
        if isTaken {
            isAsked = false
            keep(element)
        } else {
            refused += 1
        }
        let activity = run.activity
        writes += 1
        let outcome = inner.write(element)
        writes -= 1
        judge(outcome, isTaken: isTaken, isQuiet: activity == run.activity)
        return outcome
    }

    @discardableResult
    func write(contentsOf elements: [SimulationElement]) -> WriteOutcome {
        var isTaken = isTaking
        if plan.kind != .framer || elements.contains(where: { $0.byteCount > 0 }) { isTaken = admits() }
        if isTaken {
            if !elements.isEmpty { isAsked = false }
            for element in elements {
                if isTaken, plan.kind == .collector, !admits(element.byteCount) { isTaken = false }
                if isTaken { keep(element) } else { refused += 1 }
            }
        } else if plan.kind == .framer {
            // Elements without content do not count, unless there are no others.
            refused += elements.isEmpty ? 0 : max(1, elements.count(where: { $0.byteCount > 0 }))
        } else {
            refused += elements.count
        }
        let activity = run.activity
        writes += 1
        let outcome = inner.write(contentsOf: elements)
        writes -= 1
        judge(outcome, isTaken: isTaken, isQuiet: activity == run.activity)
        return outcome
    }

    func take() {
        guard let taking else { return }
        let expected = held.isEmpty ? nil : held.removeFirst()
        let element = taking()
        guard element?.number != expected?.number else { return }
        breach(
            "C3.7",
            "took \(element.map { "\($0)" } ?? "nothing") instead of \(expected.map { "\($0.number)" } ?? "nothing")"
        )
    }

    func register(_ producer: SimulatedPush) throws(RegistrationError) {
        let isAccepted = registers(producer, .push)
        if isAccepted { push = producer }
        do { try inner.registerProducer(producer) } catch {
            registered(producer, refused: true)
            throw error
        }
        registered(producer, refused: false)
    }

    func register(_ producer: SimulatedPull) {
        let isAccepted = registers(producer, .pull)
        if isAccepted { pull = producer }
        do {
            try inner.registerProducer(producer)
            registered(producer, refused: false)
        } catch {
            registered(producer, refused: true)
        }
    }

    private func registers(_ producer: AnyObject, _ newKind: FlowControl.Kind) -> Bool {
        sync()
        guard phase == .open else {
            newcomer = producer
            return false
        }
        guard !hasProducer else {
            run.refusals += 1
            return false
        }
        kind = newKind
        isPaused = false
        isAsked = false
        return true
    }

    private func registered(_ producer: AnyObject, refused: Bool) {
        if refused {
            if run.refusals == 0 { breach("C1.1", "a registration is refused although there is no producer") }
            run.refusals = max(0, run.refusals - 1)
        } else if newcomer === producer {
            newcomer = nil
            breach("C1.3", "a producer that came too late is not stopped")
        }
    }

    func unregisterProducer() {
        sync()
        if hasProducer, !owesStop {
            forget()
            if phase == .finishing { phase = .draining }
        }
        inner.unregisterProducer()
    }

    func finish() {
        sync()
        guard let duplex else {
            if phase == .open { phase = hasProducer ? .finishing : .draining }
            return inner.finish()
        }
        // It stops reading first, and whoever hears of that finds the write side as it was.
        partner?.mayDiscard = true
        isFinishing = true
        duplex.finish(within: nil)
        sync()
        isFinishing = false
    }

    func fail(_ error: any Error) {
        sync()
        if isTaking {
            phase = .draining
            isFailed = true
            owesStop = hasProducer
        }
        losePartner()
        // A kernel that takes nothing holds it up only for so long.
        if plan.kind == .transport { mayEnd = true }
        inner.fail(error)
    }

    func abort(_ reason: EndReason) {
        end()
        losePartner()
        inner.abort(reason)
    }

    private func losePartner() {
        guard plan.kind.isLane else { return }
        partner?.mayDiscard = true
        partner?.mayEnd = true
    }

    func forget() {
        kind = .none
        push = nil
        pull = nil
        isPaused = false
        isAsked = false
    }

    /// Whether a write is taken; the hard limit ends the stream, unless the write was asked for (C10.3).
    private func admits(_ weight: Int = 0) -> Bool {
        sync()
        guard isTaking else { return false }
        let isOver = plan.limit.map { level > $0 && !isAsked } ?? false
        let isBeyondCap = plan.kind == .collector && accepted.weight + weight > plan.high
        guard isOver || isBeyondCap else { return true }
        if isBeyondCap {
            // What fits of a sequence is counted first, so the collector itself says when.
            mayEnd = true
            return false
        }
        end()
        losePartner()
        return false
    }

    private func keep(_ element: SimulationElement) {
        guard element.byteCount > 0 else { return }
        if plan.kind == .collector, !admits(element.byteCount) { return refused += 1 }
        accepted.elements += 1
        accepted.weight += element.byteCount
        if plan.kind == .transport {
            written += run.tape.bytes[element.number..<element.number + element.byteCount]
        } else if plan.kind == .framer {
            bytes += run.tape.bytes[element.number..<element.number + element.byteCount]
        } else if plan.kind != .collector {
            held.append(Entry(number: element.number, weight: element.byteCount))
        }
    }

    private func judge(_ outcome: WriteOutcome, isTaken: Bool, isQuiet: Bool) {
        if plan.kind == .null, writes == 0 { held.removeAll(keepingCapacity: true) }
        sync()
        if !isTaken {
            if outcome != .closed { breach("C3.2", "a write after the end answers \(outcome)") }
        } else if outcome == .closed, !hasEndedAbruptly, plan.kind != .collector {
            breach("C3.1", "a write that was taken answers closed")
        } else if isQuiet, isTaking, writes == 0, plan.kind != .framer {
            let isRoom = level <= marks.high && !isHeld
            if (outcome == .room) != isRoom {
                breach("C3.1", "a write answers \(outcome) at a level of \(level), marks \(marks)")
            }
        }
    }

    /// Whether the consumer ended without handing over what it had taken.
    private var hasEndedAbruptly: Bool { gate.map { !($0.end?.isOrderly ?? true) } ?? (phase == .ended) }
}

/// The error of a simulated source or transformation.
struct SimulatedError: Error, CustomStringConvertible {
    var description: String { "a simulated error" }
}
