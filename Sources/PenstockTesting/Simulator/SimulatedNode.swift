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
    weak var collector: Collector<SimulationElement>?
    /// The other direction of the same pair.
    weak var partner: SimulatedNode?

    // The model.
    var marks: (low: Int, high: Int)
    var held: [Entry] = []
    /// The same for what cuts elements into others.
    var bytes: [UInt8] = []
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
        marks = parts.marks
    }

    // MARK: The naive model

    var hasProducer: Bool { kind != .none }
    var isTaking: Bool { phase == .open || phase == .finishing }
    var isSink: Bool { plan.kind == .null || plan.kind == .collector }

    var level: Int {
        if isSink { return 0 }
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
    private func discard() {
        dropped += held.count + (inHand > 0 ? 1 : 0)
        inHand = 0
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

    private var isLineTooLong: Bool {
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

    private func forget() {
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
        end()
        losePartner()
        return false
    }

    private func keep(_ element: SimulationElement) {
        guard element.byteCount > 0 else { return }
        if plan.kind == .collector, !admits(element.byteCount) { return refused += 1 }
        accepted.elements += 1
        accepted.weight += element.byteCount
        if plan.kind == .framer {
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

    // MARK: What the consumer hands on

    /// An element leaves a stage: it must be the oldest one.
    func handOn(_ element: SimulationElement) {
        if !isOpen, !wasPausedInTransform { breach("C4.7", "hands on \(element) after it was paused") }
        isTransforming = false
        wasPausedInTransform = false
        let before = level
        if plan.kind == .framer {
            handOnLine(element)
        } else if held.first?.number == element.number {
            held.removeFirst()
        } else {
            breach("C3.7", "hands on \(element) instead of \(held.first.map { "\($0.number)" } ?? "nothing")")
        }
        inHand += before - level
    }

    func handedOn() { inHand = 0 }

    private func handOnLine(_ line: SimulationElement) {
        let end = bytes.firstIndex(of: 10) ?? bytes.count
        let length = end > 0 && end < bytes.count && bytes[end - 1] == 13 ? end - 1 : end
        let isLast = end == bytes.count
        var isRight = length == line.byteCount && !(isLast && (phase != .draining || isFailed || bytes.isEmpty))
        for offset in 0..<min(length, line.byteCount) where bytes[offset] != line.byte(at: offset) { isRight = false }
        if !isRight { breach("C3.7", "delivers a line of \(line.byteCount) bytes where one of \(length) was due") }
        bytes.removeFirst(isLast ? end : end + 1)
    }

    /// A null consumer shows an element before it drops it.
    func show(_ element: SimulationElement) {
        if held.first?.number == element.number {
            held.removeFirst()
        } else {
            breach("C3.7", "shows \(element) out of order")
        }
        run.react(.element, at: index)
    }

    func transform() throws {
        isTransforming = true
        run.react(.transform, at: index)
        guard breaks, phase != .ended else { return }
        breaks = false
        end()
        throw SimulatedError()
    }

    func ended() {
        sync()
        ends += 1
        if ends > 1 { breach("C6.9", "tells its end twice") }
        run.react(.ended, at: index)
    }

    func breach(_ rule: String, _ problem: @autoclosure () -> String) {
        run.breach(rule, "node \(index) (\(plan.kind.rawValue)): \(problem())")
    }

    // MARK: What producers are told

    func pausing(_ producer: SimulatedPush) {
        run.activity += 1
        sync()
        if producer !== push || kind != .push {
            breach("C2.1", "pauses a producer that is not registered")
        } else if isPaused {
            breach("C4.1", "pauses a producer that is paused")
        } else if !isTaking, plan.kind != .collector || writes == 0 {
            breach("C6.1", "pauses after the end")
        } else if !isSink, level <= marks.high, !isHeld {
            breach("C4.1", "pauses at a level of \(level), marks \(marks), without a hold")
        }
        isPaused = true
        signals += 1
    }

    func resuming(_ producer: SimulatedPush) {
        run.activity += 1
        sync()
        if producer !== push || kind != .push {
            breach("C2.1", "resumes a producer that is not registered")
        } else if !isPaused {
            breach("C4.3", "resumes a producer that is not paused")
        } else if !isTaking {
            breach("C4.3", "resumes after the end")
        } else if writes > 0 {
            breach("C4.2", "resumes inside a write")
        } else if signals > 0 {
            breach("C4.2", "resumes inside a signal")
        } else if level > marks.low || isHeld {
            breach("C4.2", "resumes at a level of \(level), marks \(marks), held: \(isHeld)")
        }
        isPaused = false
        signals += 1
    }

    func signalled() { signals -= 1 }

    func asking(_ producer: SimulatedPull) {
        run.activity += 1
        sync()
        if producer !== pull || kind != .pull {
            breach("C2.1", "asks a producer that is not registered")
        } else if isAsked {
            breach("C5.1", "asks before the last question was answered")
        } else if !isTaking {
            breach("C5.2", "asks after the end")
        } else if questions > 0 {
            breach("C5.3", "asks inside a question")
        } else if level > marks.low || isHeld {
            breach("C5.2", "asks at a level of \(level), marks \(marks), held: \(isHeld)")
        }
        isAsked = true
        questions += 1
    }

    func asked() { questions -= 1 }

    /// - Returns: Whether it was registered.
    func stopping(_ producer: AnyObject) -> Bool {
        run.activity += 1
        if newcomer === producer {
            newcomer = nil
            return false
        }
        sync()
        if producer !== push, producer !== pull {
            breach("C6.1", "stops a producer that is not registered")
        } else if !owesStop {
            breach("C6.1", "stops a producer although the stream has not ended")
        }
        owesStop = false
        forget()
        return true
    }

    /// What it waits for, in words.
    var waits: String {
        let waits = inner.snapshot.waits
        return waits.isEmpty ? "" : "; it waits for " + waits.map(\.reason).joined(separator: ", and for ")
    }

    // MARK: Checks

    /// What holds between any two steps.
    func check() {
        sync()
        let stands = Standing(self)
        follow(stands)
        if stands.level != level { return breach("C4.6", "the level is \(stands.level), not \(level)") }
        let expected: FlowControl.Phase = phase == .draining && level == 0 ? .ended : phase
        if stands.phase != expected { return breach("C6.3", "the phase is \(stands.phase), not \(expected)") }
        phase = expected
        if stands.delivery.accepted.elements != accepted.elements
            || plan.kind != .framer && stands.delivery.accepted.weight != accepted.weight
        {
            return breach("C8.5", "has accepted \(stands.delivery.accepted), not \(accepted)")
        }
        if stands.delivery.refused.elements != refused {
            return breach("C3.2", "has refused \(stands.delivery.refused.elements), not \(refused)")
        }
        if owesStop { return breach("C6.1", "has ended and not stopped its producer") }
        if phase == .ended, plan.kind != .framer, plan.kind != .null, !mayDiscard,
            stands.delivery.dropped.elements != dropped
        {
            return breach("C8.5", "has dropped \(stands.delivery.dropped.elements), not \(dropped)")
        }
        if let collector, collector.elements.count != accepted.elements {
            return breach("C3.7", "has gathered \(collector.elements.count) elements, not \(accepted.elements)")
        }
        checkProducer(stands)
    }

    /// A framer drops a line that has lost its end.
    private func follow(_ stands: Standing) {
        if plan.kind == .framer, phase == .draining, isFailed, stands.level == 0, !bytes.contains(10) { bytes = [] }
    }

    private func checkProducer(_ stands: Standing) {
        if stands.kind != kind { return breach("C1.1", "its producer is \(stands.kind), not \(kind)") }
        switch kind {
        case .none: return
        case .push:
            if push == nil { return breach("C1.9", "has let go of its producer") }
            if stands.isPaused != isPaused {
                return breach("C4.3", "thinks paused: \(stands.isPaused), told: \(isPaused)")
            }
            if !isPaused, isTaking, level > marks.high || isHeld {
                breach("C4.1", "has not paused its producer at a level of \(level), marks \(marks), held: \(isHeld)")
            }
        case .pull:
            if pull == nil { return breach("C1.9", "has let go of its producer") }
            if stands.isAsked != isAsked { return breach("C5.1", "thinks asked: \(stands.isAsked), asked: \(isAsked)") }
        }
    }

    /// What holds when nothing is left to do in this moment.
    func checkAtRest() {
        if isTaking, level <= marks.low, !isHeld {
            if kind == .push, isPaused {
                return breach("C4.8", "leaves its producer paused at a level of \(level), marks \(marks)")
            }
            if kind == .pull, !isAsked {
                return breach("C5.2", "leaves its producer unasked at a level of \(level), marks \(marks)")
            }
        }
        if phase == .ended, gate != nil, ends != 1 { return breach("C6.9", "has told its end \(ends) times") }
        guard source != nil else { return }
        if plan.kind.isStage, isTaking, let gate {
            let isWaiting = gate.flow.holds.contains(.downstream)
            if isWaiting == isOpen {
                return breach("C4.8", "is held by what is behind it: \(isWaiting), which has room: \(isOpen)")
            }
        }
        if isOpen, plan.kind == .framer ? bytes.contains(10) : !held.isEmpty {
            return breach("C8.2", "keeps elements from a consumer that has room")
        }
        if phase == .ended, isAttached, plan.kind.isStage {
            return breach("C6.6", "has ended and not what is behind it")
        }
        if !isAttached, results != attachments {
            return breach("C6.8", "has told \(results) results of \(attachments) flows")
        }
    }
}

/// How a consumer stands by its own account.
private struct Standing {
    var level: Int
    var phase: FlowControl.Phase
    var kind: FlowControl.Kind
    var isPaused: Bool
    var isAsked: Bool
    var delivery: Delivery

    init(_ node: SimulatedNode) {
        if let flow = node.gate?.flow {
            level = flow.level
            phase = flow.phase
            kind = flow.kind
            isPaused = flow.isPaused
            isAsked = flow.isAsked
            delivery = flow.delivery
        } else {
            let snapshot = node.inner.snapshot
            level = snapshot.level
            phase = snapshot.phase
            kind = snapshot.kind
            isPaused = snapshot.isPaused
            isAsked = snapshot.isAsked
            delivery = snapshot.delivery
        }
    }
}

/// The error of a simulated source or transformation.
struct SimulatedError: Error, CustomStringConvertible {
    var description: String { "a simulated error" }
}
