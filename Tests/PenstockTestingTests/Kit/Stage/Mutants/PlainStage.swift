import Penstock
import PenstockTesting

/// A stage on numbers, written without anything of the package that helps to keep the contract.
///
/// It hands each number on, tenfold, when the next has come or when it is finished. For 0 nothing comes out, for 100 and a
/// count as many numbers from 1001 on; -1 makes it fail. An input weighs 1 until all that comes out for it has been taken.
final class PlainStage: Consumer, Source, PushProducer {
    typealias Element = Int
    typealias Output = Int

    static let marks = Watermarks(low: 1, high: 3)

    let ownFailure = PlainFailure()
    let mutation: StageMutation?
    let clock: VirtualClock
    var scheduler: any Scheduler { clock }
    var expectedWeight: Int? { nil }

    // The consuming side.
    var push: (any PushProducer)?
    var pull: (any PullProducer)?
    var isUpPaused = false
    var isAsked = false
    /// The end that has been asked for.
    var pending: EndReason?
    var end: EndReason? {
        didSet {
            guard oldValue == nil, let end else { return }
            for listener in endListeners { listener(end, delivery) }
            endListeners = []
        }
    }
    var endListeners: [(EndReason, Delivery) -> Void] = []
    var queue: [Int] = []
    var out: [Int] = []
    var last: Int?
    var isEmitting = false
    var isPumping = false
    var delivery = Delivery()
    var peak = 0
    var depth = 0
    var ballast = 0
    var resumes = 0
    var barren = 0

    // The producing side.
    var target: (any Consumer<Int>)?
    var isPaused = false
    var done: ((FlowResult) -> Void)?
    var atEnd = EndPolicy.finish
    var early: EndReason?
    var isOver = false
    var elements = 0
    var pauses = 0
    var timePaused = Duration.zero
    var pausedSince = Duration.zero
    var attachedAt = Duration.zero
    var weightBefore = 0
    var kept: [AnyObject] = []

    init(mutation: StageMutation?, scheduler: VirtualClock) {
        self.mutation = mutation
        clock = scheduler
    }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {
        if let end { body(end, delivery) } else { endListeners.append(body) }
    }

    func has(_ mutation: StageMutation) -> Bool { self.mutation == mutation }

    // MARK: Level

    var level: Int {
        let open = has(.levelDrainsTooEarly) ? !out.isEmpty : !out.isEmpty || isEmitting
        let waiting = has(.levelWithoutInputs) ? 0 : queue.count
        return waiting + (open ? 1 : 0) + (last == nil ? 0 : 1) + barren + ballast
    }

    var isFull: Bool {
        if has(.neverPauses) { return false }
        if has(.takesInputsWhileOneIsOpen) { return target == nil }
        if has(.pausesTooLate) { return level > Self.marks.high + 2 }
        if has(.runsWithoutConsumer), target == nil { return level > Self.marks.high }
        return level > Self.marks.high || target == nil || isPaused
    }

    var wantsMore: Bool { !isFull && level <= Self.marks.low }

    var snapshot: FlowSnapshot {
        var snapshot = FlowSnapshot(name: "plain")
        snapshot.marks = Self.marks
        snapshot.level = level
        snapshot.peak = peak
        snapshot.kind = push != nil ? .push : pull != nil ? .pull : .none
        snapshot.phase = end != nil ? .ended : pending == nil ? .open : snapshot.kind == .none ? .draining : .finishing
        snapshot.isPaused = isUpPaused
        snapshot.isAsked = isAsked
        snapshot.delivery = delivery
        if has(.waitsForever) { snapshot.waits.append(.init(reason: "anything", age: .zero)) }
        guard end == nil, isUpPaused || (pull != nil && !isAsked) else { return snapshot }
        if !has(.hidesItsOwnWait) { snapshot.waits.append(.init(reason: "plain to be resumed", age: .zero)) }
        if !has(.hidesTheConsumersWaits) { snapshot.waits += target?.snapshot.waits ?? [] }
        return snapshot
    }

    // MARK: Registration

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        guard try admits(producer) else { return }
        push = producer
        isUpPaused = false
        if isFull { pauseUp() }
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        guard try admits(producer) else { return }
        pull = producer
        isAsked = false
        proceed()
    }

    private func admits(_ producer: any Producer) throws(RegistrationError) -> Bool {
        guard end == nil, pending == nil else {
            if !has(.keepsALateProducer) { producer.stopProducing(end ?? .finished) }
            return false
        }
        guard push == nil, pull == nil else {
            if !has(.takesTwoProducers) { throw .alreadyRegistered }
            (push, pull) = (nil, nil)
            return true
        }
        if has(.forgetsTheFirstProducersRest) { last = nil }
        return true
    }

    func unregisterProducer() {
        guard push != nil || pull != nil else { return }
        forgetProducer()
        if has(.dropsHeldAtUnregistration) { queue = [] }
        pump()
    }

    private func forgetProducer() {
        push = nil
        pull = nil
        isUpPaused = false
        isAsked = false
    }

    func stopUp(_ reason: EndReason) {
        guard let producer: any Producer = push ?? pull else { return }
        forgetProducer()
        if has(.doesNotStopItsProducer) { return }
        if has(.stopsItsProducerLater) { return scheduler.onLaterTurn { producer.stopProducing(reason) } }
        producer.stopProducing(has(.stopsWithoutTheError) ? EndReason(reason.code) : reason)
        if has(.stopsItsProducerTwice) { producer.stopProducing(reason) }
    }

    // MARK: Writing

    @discardableResult
    func write(_ element: consuming Int) -> WriteOutcome { take([element]) }

    @discardableResult
    func write(contentsOf elements: some Sequence<Int>) -> WriteOutcome {
        var elements = Array(elements)
        if has(.losesOneOfASequence), elements.count > 4 { elements.remove(at: 3) }
        return take(elements)
    }

    private func take(_ elements: [Int]) -> WriteOutcome {
        let amount = Delivery.Amount(elements: elements.count, weight: elements.count)
        let isDraining = pending != nil && push == nil && pull == nil
        guard end == nil, !isDraining, level <= 64 * Self.marks.high || has(.hasNoLimit) else {
            if !has(.refusesUncounted) { delivery.refused = delivery.refused + amount }
            if end == nil, !isDraining { abort(.overflow(level: level, limit: 64 * Self.marks.high)) }
            return .closed
        }
        delivery.accepted = delivery.accepted + amount
        if has(.levelNeverFalls) { ballast += elements.count }
        if has(.overtakesItself), isPumping { queue.insert(contentsOf: elements, at: 0) } else { queue += elements }
        isAsked = false
        depth += 1
        peak = max(peak, level)
        pump()
        depth -= 1
        if isFull { pauseUp() }
        if depth == 0 {
            if pull != nil { proceed() } else if wantsMore { scheduler.onLaterTurn { [weak self] in self?.proceed() } }
        }
        return end != nil ? .closed : isFull ? .full : .room
    }

    func pauseUp() {
        guard let push, end == nil, !isUpPaused || has(.pausesTwice) else { return }
        isUpPaused = true
        if has(.pausesLater) { return scheduler.onLaterTurn { push.pauseProducing() } }
        depth += 1
        push.pauseProducing()
        depth -= 1
    }

    /// Gives the signals that are due, one after another and never nested.
    func proceed() {
        while depth == 0, end == nil, wantsMore {
            if let push {
                guard isUpPaused else { return }
                isUpPaused = false
                resumes += 1
                if has(.forgetsToResume), resumes == 3 { return }
                depth += 1
                push.resumeProducing()
                depth -= 1
            } else if let pull {
                guard !isAsked else { return }
                isAsked = true
                depth += 1
                pull.resumeProducing()
                if has(.asksTwice), self.pull != nil { pull.resumeProducing() }
                depth -= 1
            } else {
                return
            }
        }
    }

    // MARK: Passing on

    func pump() {
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        var surplus = has(.emitsOneAfterThePause) ? 1 : 0
        while end == nil, target != nil {
            if has(.takesInputsWhileOneIsOpen), !queue.isEmpty { process(queue.removeFirst()) }
            if isPaused {
                let isInside = has(.ignoresPauseInsideAnInput) && isEmittingMany
                guard isInside || (surplus > 0 && elements > 0) else { return }
            }
            if !out.isEmpty {
                if isPaused { surplus -= 1 }
                emit()
            } else if !queue.isEmpty {
                if has(.swapsInputs), queue.count > 1 { queue.swapAt(0, 1) }
                process(has(.newestFirst) ? queue.removeLast() : queue.removeFirst())
            } else if let pending, (push == nil && pull == nil) || has(.finishesTooSoon) {
                if pending.isOrderly, let last, !has(.endsWithoutFlush) {
                    out = [last * 10]
                    self.last = nil
                } else {
                    drop(last == nil ? 0 : 1)
                    last = nil
                    end = pending
                    if has(.keepsItselfAfterEnd) { kept.append(self) }
                    stopUp(pending)
                    endDown(pending)
                }
            } else {
                return
            }
        }
    }

    private var isEmittingMany: Bool { out.first.map { $0 > 1001 } ?? false }

    private func emit() {
        let element = out.removeFirst()
        isEmitting = true
        elements += 1
        target?.write(element)
        isEmitting = false
    }

    private func process(_ input: Int) {
        switch input {
        case 0:
            if has(.stallsForNothing) { barren += 1 }
            if has(.spinsForNothing) { spin() }
        case -1: failItself()
        case 100...: out += (1...(input - 100)).map { 1000 + $0 }
        default:
            if let last { out.append(last * 10) }
            last = input
        }
    }

    private func spin() {
        scheduler.onLaterTurn { [weak self] in self?.spin() }
    }

    func drop(_ count: Int) {
        guard !has(.dropsUncounted) else { return }
        delivery.dropped = delivery.dropped + Delivery.Amount(elements: count, weight: count)
    }
}

@available(*, unavailable)
extension PlainStage: Sendable {}
