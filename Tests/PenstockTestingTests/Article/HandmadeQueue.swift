import Penstock

final class HandmadeQueue: Consumer {
    typealias Element = Job

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

    /// Told once when the stream has ended.
    var onEnd: ((EndReason, Delivery) -> Void)?
    /// Told of every error that came after the first.
    var onSecondError: ((EndReason) -> Void)?
    /// The hard limit of the level.
    let limit: Int

    let scheduler: any Scheduler

    private let marks: Watermarks

    private var jobs: [Job] = []
    private var level = 0
    private var peak = 0
    private var delivery = Delivery()

    private var slot = Slot.none
    private var isPaused = false
    private var isAsked = false
    /// Since when the producer is paused, or asked.
    private var waitingSince = Duration.zero
    private var pauses = 0
    private var timePaused = Duration.zero

    private var phase = FlowControl.Phase.open
    /// The reason that the stream ends with once everything has been taken.
    private var ending = EndReason.finished
    private var isEndTold = false
    private var listeners: [(EndReason, Delivery) -> Void] = []

    /// How many signals are under way.
    private var depth = 0
    private var stops = 0
    private var isLaterDue = false
    private var share = TurnBudget.Share()

    init(marks: Watermarks, scheduler: any Scheduler) {
        self.marks = marks
        self.scheduler = scheduler
        limit = 64 * marks.high
    }

    // MARK: Registration

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        guard try admits(producer) else { return }
        slot = .push(producer)
        pauseIfFull()
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        guard try admits(producer) else { return }
        slot = .pull(producer)
        ask()
    }

    private func admits(_ producer: any Producer) throws(RegistrationError) -> Bool {
        if slot.producer === producer { throw .alreadyRegistered }  // C1.1
        guard phase == .open else {
            stop(producer, ending)  // C1.3, C1.5
            return false
        }
        if slot.producer != nil { throw .alreadyRegistered }  // C1.1
        return true
    }

    func unregisterProducer() {
        guard slot.producer != nil else { return }  // C2.1
        forgetProducer()
        if phase == .finishing { phase = .draining }
        concludeIfDrained()  // C2.4
    }

    private func forgetProducer() {
        endPause()
        slot = .none
        isAsked = false
    }

    // MARK: Elements

    func write(_ job: consuming Job) -> WriteOutcome { write(contentsOf: CollectionOfOne(job)) }

    func write(contentsOf newcomers: some Sequence<Job>) -> WriteOutcome {
        let newcomers = Array(newcomers)
        let amount = Delivery.Amount(elements: newcomers.count, weight: newcomers.map(\.pages).reduce(0, +))
        guard isTaking, level <= limit || newcomers.isEmpty else {
            delivery.refused = delivery.refused + amount  // C3.2
            if isTaking { abort(.overflow(level: level, limit: limit)) }  // C10.3
            return .closed
        }
        jobs += newcomers
        level += amount.weight
        peak = max(peak, level)
        share.pending += amount.weight
        delivery.accepted = delivery.accepted + amount
        if !newcomers.isEmpty { isAsked = false }
        let outcome: WriteOutcome = level <= marks.high ? .room : .full
        pauseIfFull()  // C4.1
        ask()  // C5.3
        return outcome
    }

    /// The oldest job.
    var first: Job? { jobs.first }

    /// Takes the oldest job; for the printer.
    func next() -> Job? {
        guard !jobs.isEmpty else { return nil }
        let job = jobs.removeFirst()
        level -= job.pages
        resume()
        ask()
        concludeIfDrained()
        return job
    }

    private var isTaking: Bool { phase == .open || phase == .finishing }

    // MARK: Signals

    /// Pauses inside the write that fills it, wherever that is.
    private func pauseIfFull() {
        guard case .push(let producer) = slot, !isPaused, level > marks.high else { return }
        isPaused = true
        pauses += 1
        waitingSince = scheduler.now
        depth += 1
        producer.pauseProducing()
        depth -= 1
        // What was taken inside is answered on a later turn: no resume comes inside a write (C4.2).
        if isPaused, level <= marks.low { later() }
        concludeIfDrained()
    }

    /// Resumes until the producer is paused again and stays so; never inside another signal (C4.4).
    private func resume() {
        while depth == 0, isTaking, case .push(let producer) = slot, isPaused, level <= marks.low {
            guard scheduler.turn.admits(&share) else { return later() }  // C5.5
            endPause()
            depth += 1
            producer.resumeProducing()
            depth -= 1
        }
        concludeIfDrained()
    }

    /// Asks until there is no answer or enough.
    private func ask() {
        while depth == 0, isTaking, case .pull(let producer) = slot, !isAsked, level <= marks.low {
            guard scheduler.turn.admits(&share) else { return later() }  // C5.5
            isAsked = true
            waitingSince = scheduler.now
            depth += 1
            producer.resumeProducing()
            depth -= 1
        }
        concludeIfDrained()
    }

    private func later() {
        guard !isLaterDue else { return }
        isLaterDue = true
        scheduler.onLaterTurn { [self] in
            isLaterDue = false
            resume()
            ask()
        }
    }

    private func endPause() {
        guard isPaused else { return }
        isPaused = false
        timePaused += scheduler.now - waitingSince
    }

    /// A producer that registers again inside its stop is stopped again; past a depth, on a later turn (C4.4).
    private func stop(_ producer: any Producer, _ reason: EndReason) {
        guard stops < 64 else { return scheduler.onLaterTurn { producer.stopProducing(reason) } }
        stops += 1
        producer.stopProducing(reason)
        stops -= 1
    }

    // MARK: The end

    func finish() {
        guard phase == .open else { return }
        phase = slot.producer == nil ? .draining : .finishing  // C6.3
        concludeIfDrained()
    }

    func fail(_ error: any Error) {
        guard isTaking else { return onSecondError?(.failed(error)) ?? () }  // C6.7
        ending = .failed(error)
        phase = .draining
        stopRegistered()
        concludeIfDrained()
    }

    func abort(_ reason: EndReason) {
        end(reason.abortive) { [scheduler] tell in scheduler.onLaterTurn(tell) }  // C6.5
    }

    private func concludeIfDrained() {
        guard phase == .draining, level == 0, depth == 0 else { return }
        end(ending) { tell in tell() }
    }

    /// Stops the producer, drops what is held, and tells the owner, in this order (C6.2).
    private func end(_ reason: EndReason, telling: (@escaping () -> Void) -> Void) {
        guard phase != .ended else {
            if !reason.isOrderly { onSecondError?(reason) }
            return
        }
        phase = .ended
        ending = reason
        stopRegistered()
        delivery.dropped = delivery.dropped + .init(elements: jobs.count, weight: level)
        jobs = []
        level = 0
        telling { [self] in
            let tells = [onEnd].compactMap(\.self) + listeners
            isEndTold = true
            onEnd = nil
            listeners = []
            for tell in tells { tell(reason, delivery) }
        }
    }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {
        if isEndTold { body(ending, delivery) } else { listeners.append(body) }
    }

    private func stopRegistered() {
        guard let producer = slot.producer else { return }
        forgetProducer()
        stop(producer, ending)
    }

    // MARK: How it stands

    var snapshot: FlowSnapshot {
        var snapshot = FlowSnapshot(name: "print queue")
        switch slot {
        case .none: break
        case .push: snapshot.kind = .push
        case .pull: snapshot.kind = .pull
        }
        snapshot.phase = phase
        snapshot.level = level
        snapshot.peak = peak
        snapshot.marks = marks
        snapshot.isPaused = isPaused
        snapshot.isAsked = isAsked
        snapshot.pauses = pauses
        snapshot.timePaused = timePaused + (isPaused ? scheduler.now - waitingSince : .zero)
        snapshot.delivery = delivery
        // C4.9
        let age = scheduler.now - waitingSince
        if isPaused { snapshot.waits = [.init(reason: "the printer, which has \(level) pages", age: age)] }
        if isAsked { snapshot.waits = [.init(reason: "the producer to answer", age: age)] }
        return snapshot
    }
}

@available(*, unavailable)
extension HandmadeQueue: Sendable {}
