import Penstock

/// The consumer that a producer is tried with: wants as many elements as it is told, judges every call, and holds no gate.
///
/// It keeps the contract by the shortest way there is, so that no defect of a gate hides one of a producer: a push producer
/// is paused inside the write of the last wanted element, a pull producer is asked while elements are wanted.
final class ProducerProbe<Element>: Consumer {
    private enum Slot {
        case none
        case push(any PushProducer)
        case pull(any PullProducer)

        var producer: (any Producer)? {
            switch self {
            case .none: nil
            case .push(let producer): producer
            case .pull(let producer): producer
            }
        }
    }

    let recorder: Recorder
    /// Called inside each write, with the number of elements so far.
    var onWrite: ((Int) -> Void)?
    /// Called inside the unregistration.
    var onUnregister: (() -> Void)?
    /// How many elements may follow a pause or a stop.
    var skid = 0

    private(set) var received: [Element] = []
    /// What no producer may do.
    private(set) var violations: [String] = []
    private(set) var registrations: [ProducerUnderTest<Element>.Kind] = []
    private(set) var unregistrations = 0
    private(set) var finishes = 0
    private(set) var failures: [any Error] = []
    private(set) var aborts = 0
    private(set) var pauses = 0
    private(set) var resumes = 0
    private(set) var questions = 0
    private(set) var stops = 0
    private(set) var timePaused = Duration.zero
    /// Elements that came when the consumer had ended.
    private(set) var refused = 0
    private(set) var mostInOneTurn = 0
    /// How many writes in a row each came from deeper in the stack than the one before.
    private(set) var deepening = 0
    private(set) var end: EndReason? {
        didSet {
            guard oldValue == nil, let end else { return }
            for listener in endListeners { listener(end, Delivery(accepted: accepted)) }
            endListeners = []
        }
    }
    private(set) var isPaused = false
    /// Whether a pull producer owes an answer.
    private(set) var isAsked = false

    let scheduler: any Scheduler
    private var endListeners: [(EndReason, Delivery) -> Void] = []
    private let weigh: (Element) -> Int
    private let describe: (Element) -> String
    private var slot = Slot.none
    private var isFinishing = false
    /// How many elements are wanted.
    private var wanted: Int
    private var level = 0
    private var peak = 0
    private var accepted = Delivery.Amount.none
    /// How many calls into the producer are under way, and writes of its.
    private var depth = 0
    private var hasPauseReturned = false
    private var hasStopReturned = false
    private var surplus = 0
    private var pausedSince = Duration.zero
    private var turn: UInt64 = 0
    private var inThisTurn = 0
    private var lastDepth = UInt.max
    private var deeper = 0

    init(
        wanting wanted: Int,
        scheduler: any Scheduler,
        recorder: Recorder,
        weight: @escaping (Element) -> Int,
        describe: @escaping (Element) -> String
    ) {
        self.wanted = wanted
        self.scheduler = scheduler
        self.recorder = recorder
        weigh = weight
        self.describe = describe
    }

    var isRegistered: Bool { slot.producer != nil }

    func isRegistered(_ producer: any Producer) -> Bool { slot.producer === producer }

    /// Whether the producer has been registered here and is no more.
    var isOver: Bool { !registrations.isEmpty && (stops > 0 || unregistrations > 0) }

    // MARK: What the trial does

    /// Wants more elements, having taken all it holds: resumes or asks before this returns.
    func want(_ more: Int = .max) {
        let (sum, overflow) = max(0, wanted).addingReportingOverflow(more)
        wanted = overflow ? .max : sum
        level = 0
        proceed()
    }

    /// Wants nothing for now: pauses a push producer before this returns.
    func holdBack() {
        wanted = 0
        pause()
    }

    /// Gives a pause although the producer is paused, or a resume although it runs, which change nothing (C4.5).
    func repeatSignal() {
        guard case .push(let producer) = slot, end == nil else { return }
        recorder.record(isPaused ? "pause" : "resume")
        depth += 1
        if isPaused { producer.pauseProducing() } else { producer.resumeProducing() }
        depth -= 1
    }

    /// Somebody else writes, which answers the open question (C3.3).
    func somebodyElseWrites() {
        recorder.record("somebody else writes")
        isAsked = false
        proceed()
    }

    /// Ends now, and stops the producer.
    func end(_ reason: EndReason) {
        guard end == nil else { return }
        end = reason
        countPause()
        guard let producer = slot.producer else { return }
        slot = .none
        giveStop(producer, reason)
    }

    /// Counts as finishing from now on: nobody may register (C1.5).
    func beginFinishing() { isFinishing = true }

    // MARK: What the producer does

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        recorder.record("register push")
        guard try admits(producer) else { return }
        registrations.append(.push)
        slot = .push(producer)
        if wanted <= 0 { pause() }
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        recorder.record("register pull")
        guard try admits(producer) else { return }
        registrations.append(.pull)
        slot = .pull(producer)
        proceed()
    }

    func unregisterProducer() {
        recorder.record("unregister")
        unregistrations += 1
        guard isRegistered else { return }
        countPause()
        slot = .none
        isAsked = false
        onUnregister?()
        if isFinishing, end == nil, !isRegistered { end = .finished }
    }

    @discardableResult
    func write(_ element: consuming Element) -> WriteOutcome {
        let element = element
        recorder.record("write \(describe(element))")
        return take([element])
    }

    @discardableResult
    func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        let elements = Array(elements)
        recorder.record((["write-all"] + elements.map(describe)).joined(separator: " "))
        return take(elements)
    }

    func finish() {
        recorder.record("finish")
        finishes += 1
        guard end == nil else { return }
        if isRegistered { isFinishing = true } else { end = .finished }
    }

    func fail(_ error: any Error) {
        recorder.record("fail \(error)")
        failures.append(error)
        end(.failed(error))
    }

    func abort(_ reason: EndReason) {
        recorder.record("abort \(reason.code)")
        aborts += 1
        end(reason.abortive)
    }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {
        if let end { body(end, Delivery(accepted: accepted)) } else { endListeners.append(body) }
    }

    var snapshot: FlowSnapshot {
        var snapshot = FlowSnapshot(name: "probe")
        snapshot.level = level
        snapshot.peak = peak
        snapshot.isPaused = isPaused
        snapshot.isAsked = isAsked
        snapshot.pauses = pauses
        snapshot.timePaused = timePaused
        snapshot.delivery.accepted = accepted
        snapshot.phase = end != nil ? .ended : isFinishing ? .finishing : .open
        switch slot {
        case .none: break
        case .push: snapshot.kind = .push
        case .pull: snapshot.kind = .pull
        }
        if end == nil, wanted <= 0 { snapshot.waits = [.init(reason: "the probe to want elements", age: .zero)] }
        return snapshot
    }

    // MARK: Private

    private func admits(_ producer: any Producer) throws(RegistrationError) -> Bool {
        guard end == nil, !isFinishing else {
            giveStop(producer, end ?? .finished)
            return false
        }
        guard !isRegistered else {
            recorder.record("already registered")
            throw .alreadyRegistered
        }
        return true
    }

    private func take(_ elements: [Element]) -> WriteOutcome {
        judge(elements.count)
        guard end == nil else {
            refused += elements.count
            return .closed
        }
        received += elements
        for element in elements {
            accepted = accepted + Delivery.Amount(elements: 1, weight: weigh(element))
            level += weigh(element)
        }
        peak = max(peak, level)
        countTurn(elements.count)
        measure()
        if wanted != .max { wanted -= elements.count }
        isAsked = false
        depth += 1
        onWrite?(received.count)
        depth -= 1
        if wanted <= 0 { pause() }
        // At the tail of a late answer comes the next question (C5.3); a resume never comes inside a write (C4.2).
        if case .pull = slot { proceed() }
        return end != nil ? .closed : wanted > 0 ? .room : .full
    }

    private func judge(_ count: Int) {
        if end != nil {
            guard hasStopReturned else { return }
            surplus += count
            if surplus > skid { violations.append("\(surplus) elements came after the stop, and the skid is \(skid)") }
            return
        }
        switch slot {
        case .none:
            violations.append("an element came from a producer that is not registered")
        case .push:
            guard isPaused, hasPauseReturned else { return }
            surplus += count
            if surplus > skid { violations.append("\(surplus) elements came after a pause, and the skid is \(skid)") }
        case .pull:
            if received.count + count > questions {
                violations.append("element \(received.count + count) came after \(questions) questions")
            }
        }
    }

    private func pause() {
        guard case .push(let producer) = slot, !isPaused, end == nil else { return }
        isPaused = true
        hasPauseReturned = false
        surplus = 0
        pauses += 1
        pausedSince = scheduler.now
        recorder.record("pause")
        depth += 1
        producer.pauseProducing()
        depth -= 1
        hasPauseReturned = true
    }

    /// Gives the signals that are due, one after another and never nested.
    private func proceed() {
        while depth == 0, end == nil, wanted > 0 {
            switch slot {
            case .none: return
            case .push(let producer):
                guard isPaused else { return }
                countPause()
                resumes += 1
                recorder.record("resume")
                depth += 1
                producer.resumeProducing()
                depth -= 1
            case .pull(let producer):
                guard !isAsked else { return }
                isAsked = true
                questions += 1
                recorder.record("ask")
                depth += 1
                producer.resumeProducing()
                depth -= 1
            }
        }
    }

    private func giveStop(_ producer: any Producer, _ reason: EndReason) {
        stops += 1
        surplus = 0
        recorder.record("stop \(reason.code)")
        depth += 1
        producer.stopProducing(reason)
        depth -= 1
        hasStopReturned = true
    }

    private func countPause() {
        guard isPaused else { return }
        isPaused = false
        hasPauseReturned = false
        timePaused += scheduler.now - pausedSince
    }

    private func countTurn(_ count: Int) {
        if scheduler.turn.number != turn {
            turn = scheduler.turn.number
            inThisTurn = 0
        }
        inThisTurn += count
        mostInOneTurn = max(mostInOneTurn, inThisTurn)
    }

    private func measure() {
        var here = 0
        let address = withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
        deeper = address < lastDepth ? deeper + 1 : 0
        lastDepth = address
        deepening = max(deepening, deeper)
    }
}

@available(*, unavailable)
extension ProducerProbe: Sendable {}
