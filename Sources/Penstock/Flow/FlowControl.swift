/// The state machine of a consumer: which kind of producer it has, its level, marks, holds and phase.
///
/// It is a plain value that knows no producer, no buffer and no clock, and never calls out. Each event answers with an
/// ``Action`` that the owner carries out once its own state is settled, so a producer may do anything inside a signal.
/// ``Gate`` is that owner for every consumer in the package; embed the value itself only where a `Gate` does not fit.
///
/// An action ``Action/pause``, ``Action/resume`` or ``Action/ask`` means that the signal has begun: carry it out and then
/// call ``signalReturned()``, or give it back with ``postpone()``. While a signal or a bracket (``enter()``) is open,
/// nothing is resumed or asked; what falls due then comes as ``Action/later`` when the last of them closes (C4.2, C4.4).
///
/// Every event costs constant time and allocates nothing; adding a hold may allocate.
public struct FlowControl: Sendable {
    /// What kind of producer is registered.
    public enum Kind: Hashable, Sendable {
        /// There is none.
        case none
        /// A push producer.
        case push
        /// A pull producer.
        case pull
    }

    /// Where the stream stands between its beginning and its end.
    public enum Phase: Hashable, Sendable, CaseIterable {
        /// Not connected yet; elements are taken and held.
        case connecting
        /// Elements are taken.
        case open
        /// `finish` was called and a producer is still registered: its writes are taken and signals go on.
        case finishing
        /// No producer any more; held elements go out, and writes are dropped and counted.
        case draining
        /// Over.
        case ended
    }

    /// What the owner has to do after an event.
    public enum Action: Hashable, Sendable {
        /// Nothing.
        case none
        /// Call `pauseProducing`, then ``FlowControl/signalReturned()``.
        case pause
        /// Call `resumeProducing` of the push producer, then ``FlowControl/signalReturned()``.
        case resume
        /// Call `resumeProducing` of the pull producer, then ``FlowControl/signalReturned()``.
        case ask
        /// Call ``FlowControl/laterTurn()`` on a later turn of the scheduler.
        case later
        /// Forget the producer and call its `stopProducing`, once.
        case stop
        /// Everything has been taken and no producer is left: end the stream in order.
        case drained
    }

    /// Whether an element may be stored.
    public enum Admission: Hashable, Sendable {
        /// Store it, then call ``FlowControl/accept(weight:elements:)``.
        case taken
        /// The stream is over; the element has been counted as refused.
        case closed
        /// The level is above the hard limit already: end the stream (C10.3). The element has been counted as refused.
        case overflow
    }

    /// What became of a registration.
    public enum Registration: Hashable, Sendable {
        /// The producer is registered; keep it, then carry out the action.
        case accepted(Action)
        /// The stream is ending or has ended: call `stopProducing` of the newcomer once and keep nothing (C1.3, C1.5).
        case stopNewcomer
    }

    private enum Stage: Hashable, Sendable {
        case open, finishing, draining, ended
    }

    /// Beyond this many signals inside one another, a pause at registration is given on a later turn (C4.4).
    private static let deepest = 64

    private var stage = Stage.open
    private var isConnected: Bool
    private var depth = 0
    private var isLaterDue = false
    private var answerWasEmpty = false
    private var wasDrained = false

    /// The kind of the registered producer.
    public private(set) var kind = Kind.none
    /// The marks in force.
    public private(set) var marks: Watermarks
    /// The hard limit: a write above it ends the stream; nil if there is none.
    public var limit: Int?
    /// The weight held now.
    public private(set) var level = 0
    /// The highest level so far.
    public private(set) var peak = 0
    /// The reasons other than the level for which no elements are wanted.
    public private(set) var holds: [Hold] = []
    /// Whether the push producer has been paused and not resumed.
    public private(set) var isPaused = false
    /// Whether the pull producer owes an answer.
    public private(set) var isAsked = false
    /// How many times a push producer was paused.
    public private(set) var pauses = 0
    /// What was accepted, dropped and refused.
    public private(set) var delivery = Delivery()

    /// Creates the state of a consumer without a producer.
    ///
    /// - Parameters:
    ///   - marks: When to pause and when to resume.
    ///   - limit: The hard limit of the level; by default 64 times the high mark, nil for none (C10.3).
    ///   - isConnected: Whether the consumer is open at once; if not, call ``connected()`` later.
    public init(marks: Watermarks, limit: Int?, isConnected: Bool = true) {
        self.marks = marks
        self.limit = limit
        self.isConnected = isConnected
    }

    /// Creates the state of a consumer with the default hard limit.
    public init(marks: Watermarks) {
        self.init(marks: marks, limit: FlowControl.defaultLimit(for: marks))
    }

    /// 64 times the high mark (C10.3).
    public static func defaultLimit(for marks: Watermarks) -> Int {
        let (product, overflow) = max(marks.high, 1).multipliedReportingOverflow(by: 64)
        return overflow ? .max : product
    }

    /// The phase.
    public var phase: Phase {
        switch stage {
        case .open: isConnected ? .open : .connecting
        case .finishing: .finishing
        case .draining: .draining
        case .ended: .ended
        }
    }

    /// Whether elements are wanted: the level is not above the high mark and there is no hold.
    public var hasRoom: Bool { level <= marks.high && holds.isEmpty }

    /// Whether writes are taken.
    public var isTaking: Bool { stage == .open || stage == .finishing }

    // MARK: Registration

    /// A producer wants to register.
    ///
    /// While the stream is finishing, the answer is ``Registration/stopNewcomer`` although there is a producer (C1.5). The
    /// owner has to see to it that the registered producer itself is refused then, instead of stopped.
    public mutating func register(_ newcomer: Kind) throws(RegistrationError) -> Registration {
        precondition(newcomer != .none, "only a push or a pull producer can be registered")
        guard stage == .open else { return .stopNewcomer }  // C1.3, C1.5
        guard kind == .none else { throw .alreadyRegistered }  // C1.1
        kind = newcomer
        if newcomer == .push { return .accepted(pauseIfFull()) }  // C1.6
        return .accepted(askIfWanted())  // C1.7: a later turn that another producer was waiting for does not delay it
    }

    /// The producer unregisters, or there was none.
    public mutating func unregister() -> Action {
        guard kind != .none else { return .none }  // C2.1
        forgetProducer()
        if stage == .finishing { stage = .draining }  // C2.4
        return settle()
    }

    // MARK: Elements

    /// An element, or several, are about to be written.
    public mutating func admit(weight: Int, elements: Int = 1) -> Admission {
        guard isTaking else {
            refuse(weight: weight, elements: elements)
            return .closed  // C3.2
        }
        if let limit, level > limit, !isAsked {  // a question is a promise of room
            refuse(weight: weight, elements: elements)
            return .overflow  // C10.3
        }
        return .taken
    }

    /// What was admitted has been stored.
    ///
    /// - Precondition: Each element weighs at least 1.
    public mutating func accept(weight: Int, elements: Int = 1) {
        precondition(weight >= elements, "an element weighs at least 1")
        level &+= weight
        if level > peak { peak = level }
        delivery.accepted.elements &+= elements
        delivery.accepted.weight &+= weight
        isAsked = false  // C3.3: any write answers the open question
        answerWasEmpty = false
    }

    /// The write has been settled on the owner's side: says what it calls for.
    public mutating func written() -> Action {
        hasRoom ? settle() : pauseIfFull()  // C4.1, C5.3
    }

    /// An element without content was written: it answers a question and is not stored (C3.4).
    public mutating func acceptEmpty() {
        guard isTaking, kind == .pull, isAsked else { return }
        isAsked = false
        answerWasEmpty = true
    }

    /// Something held has been taken by whoever is behind this consumer.
    ///
    /// - Precondition: No more than is held.
    public mutating func drain(weight: Int) -> Action {
        lower(weight: weight)
        return settle()
    }

    /// The first half of ``drain(weight:)``: the level falls, and nothing follows from it before ``recheck()``.
    mutating func lower(weight: Int) {
        precondition(weight <= level, "cannot drain \(weight) from a level of \(level)")
        level &-= weight
    }

    /// Something held was dropped before it could be taken; counts it and lowers the level.
    public mutating func drop(weight: Int, elements: Int) -> Action {
        countDropped(weight: weight, elements: elements)
        return drain(weight: weight)
    }

    /// The first half of ``drop(weight:elements:)``: it is counted, and the level stays.
    mutating func countDropped(weight: Int, elements: Int) {
        delivery.dropped = delivery.dropped + Delivery.Amount(elements: elements, weight: weight)
    }

    // MARK: Wishes of the owner

    /// A reason not to want elements appears.
    public mutating func hold(_ hold: Hold) -> Action {
        guard !holds.contains(hold) else { return .none }
        holds.append(hold)
        return pauseIfFull()
    }

    /// A reason not to want elements is gone.
    public mutating func release(_ hold: Hold) -> Action {
        guard let index = holds.firstIndex(of: hold) else { return .none }
        holds.remove(at: index)
        return settle()
    }

    /// The marks change, effective at once.
    public mutating func setMarks(_ marks: Watermarks) -> Action {
        // A limit that was not chosen keeps its distance, or raised marks would end an obedient stream (C10.3).
        if limit == FlowControl.defaultLimit(for: self.marks) { limit = FlowControl.defaultLimit(for: marks) }
        self.marks = marks
        return hasRoom ? settle() : pauseIfFull()
    }

    /// The consumer is connected now.
    public mutating func connected() -> Action {
        isConnected = true
        return settle()  // C1.4
    }

    // MARK: The end

    /// The stream is to end in order (C6.3).
    public mutating func finish() -> Action {
        guard stage == .open else { return .none }
        stage = kind == .none ? .draining : .finishing
        return settle()
    }

    /// The stream is to end with an error, behind what is held (C6.6).
    ///
    /// After ``Action/stop`` has been carried out, call ``recheck()``.
    public mutating func fail() -> Action {
        guard isTaking else { return .none }
        stage = .draining
        guard kind != .none else { return settle() }
        forgetProducer()
        return .stop
    }

    /// The stream is over, whatever is still held.
    ///
    /// The level keeps its value until ``discard(elements:)``.
    public mutating func end() -> Action {
        guard stage != .ended else { return .none }
        stage = .ended
        guard kind != .none else { return .none }
        forgetProducer()
        return .stop  // C6.1
    }

    /// Everything still held after the end has been dropped.
    public mutating func discard(elements: Int) {
        delivery.dropped = delivery.dropped + Delivery.Amount(elements: elements, weight: level)
        level = 0
    }

    /// Looks again whether something is due.
    public mutating func recheck() -> Action { settle() }

    // MARK: Signals

    /// The signal that the last action began has returned.
    public mutating func signalReturned() -> Action { leave() }

    /// The owner begins something that may call out, such as telling a reader inside a write.
    public mutating func enter() {
        depth &+= 1
    }

    /// The owner is done with it.
    ///
    /// - Precondition: ``enter()`` was called, or a signal has begun.
    public mutating func leave() -> Action {
        precondition(depth > 0, "there is no signal and no bracket to leave")
        depth &-= 1
        guard depth == 0 else { return .none }
        if isTaking, kind == .push, isPaused, wantsElements { return later() }  // C4.2: not inside, so on a later turn
        return settle()
    }

    /// Gives back a ``Action/resume`` or ``Action/ask`` that the owner cannot afford in this turn (C5.5).
    public mutating func postpone() -> Action {
        depth &-= 1
        if kind == .push { isPaused = true }
        if kind == .pull { isAsked = false }
        return later()
    }

    /// The later turn that was asked for has come.
    public mutating func laterTurn() -> Action {
        isLaterDue = false
        answerWasEmpty = false
        return hasRoom ? settle() : pauseIfFull()
    }

    // MARK: Private

    /// Whether a resume or a question could be due, as far as level and holds go.
    private var wantsElements: Bool { level <= marks.low && holds.isEmpty }

    private mutating func settle() -> Action {
        if stage == .draining {
            guard level == 0, isConnected, !wasDrained else { return .none }
            wasDrained = true
            return .drained
        }
        guard isTaking, kind != .none, depth == 0, wantsElements, !isLaterDue else { return .none }
        if kind == .push {
            guard isPaused else { return .none }
            isPaused = false
            depth = 1
            return .resume
        }
        if answerWasEmpty { return later() }  // C5.4
        return askIfWanted()
    }

    private mutating func askIfWanted() -> Action {
        guard kind == .pull, depth == 0, wantsElements, !isAsked, isConnected else { return .none }
        isAsked = true
        depth = 1
        return .ask
    }

    private mutating func pauseIfFull() -> Action {
        guard isTaking, kind == .push, !isPaused, !hasRoom else { return .none }
        guard depth < FlowControl.deepest else { return later() }
        isPaused = true
        pauses &+= 1
        depth &+= 1
        return .pause
    }

    private mutating func later() -> Action {
        guard !isLaterDue else { return .none }
        isLaterDue = true
        return .later
    }

    private mutating func forgetProducer() {
        kind = .none
        isPaused = false  // C2.3
        isAsked = false
        answerWasEmpty = false
    }

    private mutating func refuse(weight: Int, elements: Int) {
        delivery.refused = delivery.refused + Delivery.Amount(elements: elements, weight: weight)
    }
}
