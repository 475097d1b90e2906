/// The gate that every consumer in the package embeds: a ``FlowControl`` and the producer it regulates.
///
/// It carries out what the state machine decides: signals, later turns, the order of events at the end. A consumer of
/// your own needs three calls to keep the contract: ``admits(weight:elements:)`` before it stores an element,
/// ``accept(weight:elements:)`` after, ``drain(weight:)`` when whoever is behind has taken it. ``GatedConsumer`` supplies
/// the rest.
///
/// A gate belongs to one isolation domain, and its scheduler serves the same one.
public final class Gate {
    /// When the owner is told of the end.
    public enum Telling: Sendable {
        /// Before the call returns.
        case now
        /// On a later turn of the scheduler.
        case later
    }

    /// Shown in snapshots and errors.
    public var name: String
    /// Gives the later turns and the time.
    public let scheduler: any Scheduler
    /// The consumer that embeds this gate.
    public weak var owner: (any GateOwner)?
    /// Told of edges.
    public weak var observer: (any FlowObserver)?
    /// Told once when the stream has ended, with the reason and what became of the elements (C6.9); released then.
    public var onEnd: ((EndReason, Delivery) -> Void)?
    private var endListeners: [(EndReason, Delivery) -> Void] = []
    private var isEndTold = false
    /// The state.
    public internal(set) var flow: FlowControl {
        @inlinable @inline(__always) _read { yield state.value }
        @inline(__always) _modify { yield &state.value }
    }
    /// Why the stream ended; nil while it has not.
    public private(set) var end: EndReason?

    private let producers = Cell((push: (any PushProducer)?.none, pull: (any PullProducer)?.none))
    var meters: [MeterEntry] = [] {
        didSet { pace.value.isMetered = !meters.isEmpty }
    }
    /// Meters that are being told that they are let go of, and whether they have been added again meanwhile.
    var leaving: [(meter: any Meter, returns: Bool)] = []
    var askedSince: Duration?
    @usableFromInline let state: Cell<FlowControl>
    private let pace = Cell((share: TurnBudget.Share(), isMetered: false))
    private let budget: TurnBudget
    var pausedSince: Duration?
    var timePaused = Duration.zero
    var holdsSince: [(hold: Hold, since: Duration)] = []
    /// The reason that the graceful end under way was asked for with.
    public private(set) var asked = EndReason.finished
    private var stops = 0
    var registrations = 0
    private var toldDraining = false
    private var toldDrained = false
    private lazy var laterWork: () -> Void = { [weak self] in
        guard let self else { return }
        self.carryOut(self.flow.laterTurn())
    }

    /// Creates a gate.
    ///
    /// - Parameters:
    ///   - name: Shown in snapshots and errors.
    ///   - flow: The state to begin with: marks, limit, connected or not.
    ///   - scheduler: Serves the isolation domain the gate lives in.
    public init(name: String, flow: FlowControl, scheduler: any Scheduler) {
        self.name = name
        state = Cell(flow)
        self.scheduler = scheduler
        budget = scheduler.turn
    }

    // MARK: Registration

    /// Registers a push producer; see ``Consumer/registerProducer(_:)-(PushProducer)``.
    public func register(_ producer: any PushProducer) throws(RegistrationError) {
        guard !isRegistered(producer) else { throw .alreadyRegistered }
        switch try flow.register(.push) {
        case .stopNewcomer:
            stop(producer, end ?? asked)
        case .accepted(let action):
            producers.value.push = producer
            registrations += 1
            observer?.flow(self, didChange: .registered(.push))
            carryOut(action)
        }
    }

    /// Registers a pull producer; see ``Consumer/registerProducer(_:)-(PullProducer)``.
    public func register(_ producer: any PullProducer) throws(RegistrationError) {
        guard !isRegistered(producer) else { throw .alreadyRegistered }
        switch try flow.register(.pull) {
        case .stopNewcomer:
            stop(producer, end ?? asked)
        case .accepted(let action):
            producers.value.pull = producer
            registrations += 1
            observer?.flow(self, didChange: .registered(.pull))
            carryOut(action, isFirst: true)
        }
    }

    /// Forgets the producer.
    public func unregister() {
        guard flow.kind != .none else { return }
        let action = flow.unregister()
        _ = forgetProducer()
        observer?.flow(self, didChange: .unregistered)
        tellDraining()
        carryOut(action)
    }

    // MARK: Elements

    /// Whether an element may be stored; if not, it has been counted, and the write answers ``WriteOutcome/closed``.
    public func admits(weight: Int, elements: Int = 1) -> Bool {
        switch flow.admit(weight: weight, elements: elements) {
        case .taken: return true
        case .closed: return false
        case .overflow:
            let reason = EndReason.overflow(level: flow.level, limit: flow.limit ?? .max)
            if let owner { owner.abort(reason) } else { end(reason, telling: .later) }
            return false
        }
    }

    /// Counts what was just stored and gives the signals that are due.
    @discardableResult
    public func accept(weight: Int, elements: Int = 1) -> WriteOutcome {
        store(weight: weight, elements: elements)
        return settle()
    }

    /// The first half of ``accept(weight:elements:)``: counts, and gives no signal yet.
    ///
    /// For a consumer that can hand on within the write: what it drains before ``settle()`` causes no pause.
    public func store(weight: Int, elements: Int = 1) {
        flow.accept(weight: weight, elements: elements)
        pace.value.share.pending &+= weight
    }

    /// The second half of ``accept(weight:elements:)``: gives the signals that are due.
    @discardableResult
    public func settle() -> WriteOutcome {
        if pace.value.isMetered { settleMeters() }
        guard flow.isTaking else { return endedWithin }
        let outcome: WriteOutcome = flow.hasRoom ? .room : .full
        let action = flow.written()
        if action != .none { carryOut(action) }
        return outcome
    }

    /// An element without content was written (C3.4): it answers a question and is not stored.
    public func acceptEmpty() -> WriteOutcome {
        guard flow.isTaking else {
            _ = flow.admit(weight: 0)
            return .closed
        }
        flow.acceptEmpty()
        return settle()
    }

    /// Whoever is behind the consumer has taken this weight.
    public func drain(weight: Int) {
        if pace.value.isMetered { return drainMetered(weight: weight) }
        let action = flow.drain(weight: weight)
        if action != .none { carryOut(action) }
    }

    /// The consumer has dropped something it held, by a policy it states (C8.5).
    public func drop(weight: Int, elements: Int) {
        flow.countDropped(weight: weight, elements: elements)
        observer?.flow(self, didChange: .dropped(elements: elements))
        drain(weight: weight)
    }

    // MARK: Wishes of the owner

    /// Adds a reason not to want elements; a running producer is paused.
    public func hold(_ hold: Hold) {
        guard !flow.holds.contains(hold) else { return }
        let action = flow.hold(hold)
        holdsSince.append((hold, scheduler.now))
        observer?.flow(self, didChange: .held(hold))
        carryOut(action)
    }

    /// Removes a reason not to want elements.
    public func release(_ hold: Hold) {
        guard flow.holds.contains(hold) else { return }
        holdsSince.removeAll { $0.hold == hold }
        let action = flow.release(hold)
        observer?.flow(self, didChange: .released(hold))
        carryOut(action)
    }

    /// The marks; setting them takes effect at once, signals included.
    public var marks: Watermarks {
        get { flow.marks }
        set { carryOut(flow.setMarks(newValue)) }
    }

    /// The hard limit (C10.3); nil switches it off.
    public var limit: Int? {
        get { flow.limit }
        set { flow.limit = newValue }
    }

    /// The consumer is connected.
    public func connected() {
        guard flow.phase != .ended else { return }
        let action = flow.connected()
        observer?.flow(self, didChange: .connected)
        carryOut(action, isFirst: true)
    }

    /// Begins something that may call out inside a write, such as telling a reader; see ``leave()``.
    public func enter() {
        flow.enter()
    }

    /// Ends what ``enter()`` began, and gives on a later turn what fell due meanwhile.
    public func leave() {
        carryOut(flow.leave())
    }

    // MARK: The end

    /// Ends the stream gracefully.
    public func finish() {
        guard flow.phase == .open || flow.phase == .connecting else { return }
        asked = .finished
        let action = flow.finish()
        observer?.flow(self, didChange: .finishing)
        tellDraining()
        carryOut(action)
    }

    /// Ends the stream with an error, behind what is held; the producer is stopped at once.
    public func fail(_ reason: EndReason) {
        guard flow.isTaking else {
            observer?.flow(self, didChange: .ignoredEnd(reason))  // C6.7
            return
        }
        asked = reason
        let action = flow.fail()
        // The producer first, and only then what may end the stream and be told to the owner (C6.2).
        carryOut(action)
        tellDraining()
    }

    /// Ends the stream for good: stops the producer, has the owner drop what it holds, tells `onEnd` (C6.2).
    ///
    /// Idempotent: the first reason wins. If the stream was failed, and its error was still behind what is held, that was the
    /// first: it ends now all the same, the error is the reason, and the observer hears of this one (C6.7).
    public func end(_ reason: EndReason, telling: Telling = .now) {
        guard end == nil else {
            if !reason.isOrderly { observer?.flow(self, didChange: .ignoredEnd(reason)) }
            return
        }
        if let failure {
            // The owner's own end, of what has drained, comes with the very reason it was given.
            let isSecond = !toldDrained || reason.code != failure.code
            end(as: failure, telling: telling)
            if isSecond, !reason.isOrderly { observer?.flow(self, didChange: .ignoredEnd(reason)) }
        } else {
            end(as: reason, telling: telling)
        }
    }

    /// The error that the stream was failed with and that is still behind what it holds; nil if there is none.
    ///
    /// That the peer has finished in order, and the whole connection with it (C7.3), is no error.
    public var failure: EndReason? {
        flow.phase == .draining && !asked.isOrderly && asked.code != .peerFinished ? asked : nil
    }

    private func end(as reason: EndReason, telling: Telling) {
        end = reason
        asked = reason
        carryOut(flow.end())
        let elements = flow.level > 0 ? owner?.discardHeld() ?? 0 : 0
        flow.discard(elements: elements)
        while !meters.isEmpty { letGo(of: meters.removeFirst()) }
        if elements > 0 { observer?.flow(self, didChange: .dropped(elements: elements)) }
        switch telling {
        case .now: tellEnd(reason)
        case .later: scheduler.onLaterTurn { self.tellEnd(reason) }
        }
    }

    /// Tells once that the stream has ended; see ``Consumer/whenEnded(_:)``.
    public func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {
        if isEndTold, let end { body(end, flow.delivery) } else { endListeners.append(body) }
    }

    // MARK: Private

    /// Carries out an action and whatever follows from it, without recursion.
    func carryOut(_ first: FlowControl.Action, isFirst: Bool = false) {
        var action = first
        var isFree = isFirst
        while action != .none {
            switch action {
            case .none:
                return
            case .pause:
                pausedSince = scheduler.now
                observer?.flow(self, didChange: .paused)
                let producer = producers.value.push
                producer?.pauseProducing()
                action = flow.signalReturned()
            case .resume:
                guard budget.admits(&pace.value.share) else {
                    action = flow.postpone()  // C5.5
                    continue
                }
                endPause()
                observer?.flow(self, didChange: .resumed)
                let producer = producers.value.push
                producer?.resumeProducing()
                action = flow.signalReturned()
            case .ask:
                guard isFree || budget.admits(&pace.value.share) else {
                    action = flow.postpone()  // C5.5
                    continue
                }
                isFree = false
                let producer = producers.value.pull
                producer?.resumeProducing()
                // Only a late answer has an age, so only then is the clock read.
                if flow.isAsked { askedSince = scheduler.now }
                action = flow.signalReturned()
            case .later:
                scheduler.onLaterTurn(laterWork)
                return
            case .stop:
                if let producer = forgetProducer() { stop(producer, asked) }
                action = flow.recheck()
            case .drained:
                toldDrained = true
                owner?.gateDrained(asked)
                return
            }
        }
    }

    private func forgetProducer() -> (any Producer)? {
        let producer: (any Producer)? = producers.value.push ?? producers.value.pull
        producers.value = (nil, nil)
        endPause()
        (producer as? any ProducerStandIn)?.letGo()
        return producer
    }

    /// A producer that registers again inside `stopProducing` is stopped again; past a depth, on a later turn (C4.4).
    private func stop(_ producer: any Producer, _ reason: EndReason) {
        guard stops < 64 else { return scheduler.onLaterTurn { producer.stopProducing(reason) } }
        stops += 1
        observer?.flow(self, didChange: .stopped(reason))
        producer.stopProducing(reason)
        stops -= 1
    }

    private func endPause() {
        guard let since = pausedSince else { return }
        timePaused += scheduler.now - since
        pausedSince = nil
    }

    private func isRegistered(_ producer: any Producer) -> Bool {
        producers.value.push === producer || producers.value.pull === producer
    }

    /// What a write answers that was taken before the stream ended in it: what goes out in order is not dropped (C3.1).
    private var endedWithin: WriteOutcome { end?.isOrderly ?? true ? .full : .closed }

    /// Elements can only go out now; a stage flushes what it was still assembling (C8.3).
    private func tellDraining() {
        guard flow.phase == .draining, flow.level > 0, !toldDraining else { return }
        toldDraining = true
        owner?.gateDraining(asked)
    }

    private func tellEnd(_ reason: EndReason) {
        observer?.flow(self, didChange: .ended(reason, flow.delivery))
        let tell = onEnd
        onEnd = nil
        tell?(reason, flow.delivery)
        isEndTold = true
        let listeners = endListeners
        endListeners = []
        for listener in listeners { listener(reason, flow.delivery) }
    }
}

@available(*, unavailable)
extension Gate: Sendable {}
