import Penstock

/// A fresh consumer under test, everything that was done with it, and what must be true of it at any time.
public final class ConsumerTrial<Element>: ConformanceTrial {
    /// A producer that was registered.
    enum Party {
        case push(StrictProducer)
        case pull(StrictPullProducer)

        var producer: any Producer {
            switch self {
            case .push(let producer): producer
            case .pull(let producer): producer
            }
        }

        var violations: [String] {
            switch self {
            case .push(let producer): producer.violations
            case .pull(let producer): producer.violations
            }
        }

        var isOver: Bool {
            switch self {
            case .push(let producer): producer.state == .over
            case .pull(let producer): producer.state == .over
            }
        }
    }

    /// What became of a written element.
    enum Fate {
        case accepted, refused
        /// It was refused or dropped, because the stream ended inside its write.
        case unknown
    }

    struct Entry {
        var weight: Int
        var content: [Int]
        var fate: Fate
    }

    let subject: ConsumerUnderTest<Element>
    let options: KitOptions
    let log = Recorder()
    var random: SeededRandom
    var marks: Watermarks
    var entries: [Entry] = []
    var parties: [Party] = []
    var registered: Party?
    var holds: Set<Hold> = []
    /// What the owner was told.
    var ends: [(reason: EndReason, delivery: Delivery)] = []
    /// The ends that came after the first.
    var ignoredEnds: [EndReason] = []
    /// Called when the owner is told the end.
    var onEnd: (() -> Void)?
    var acceptedWeight = 0
    var takenWeight = 0
    var isConnected: Bool
    /// Whether every later write must be refused.
    var isClosed = false
    /// Whether the end is one that drops what is held.
    var mayDrop = false
    /// Elements without content that were refused and counted.
    var refusedEmpty = 0
    private var isFinishing = false
    private var cursor = 0

    init(_ subject: ConsumerUnderTest<Element>, marks: Watermarks, options: KitOptions, seed: UInt64) {
        self.subject = subject
        self.marks = marks
        self.options = options
        random = SeededRandom(seed: seed)
        isConnected = subject.connect == nil
        subject.observeEnd? { [weak self] reason, delivery in self?.ended(reason, delivery) }
        subject.observeIgnoredEnd? { [weak self] in self?.ignoredEnds.append($0) }
    }

    /// The calls and signals so far.
    public var calls: [String] { log.calls }

    var consumer: any Consumer<Element> { subject.consumer }
    var snapshot: FlowSnapshot { subject.consumer.snapshot }
    var clock: TrialClock { subject.clock }

    /// The weight of a light element.
    var unit: Int { max(subject.leastWeight, marks.high / 8) }

    /// What must be held, if it is held until it is drained.
    var level: Int { acceptedWeight - takenWeight }

    /// Lets go of what the subject needs.
    public func close() async {
        onEnd = nil
        for party in parties {
            switch party {
            case .push(let producer): (producer.onPause, producer.onResume, producer.onStop) = (nil, nil, nil)
            case .pull(let producer): (producer.onAsk, producer.onStop) = (nil, nil)
            }
        }
        await subject.close()
    }

    // MARK: Producers

    func push(_ name: String = "") throws -> StrictProducer {
        let producer = StrictProducer(recorder: log, name: name)
        try register(producer, name)
        return producer
    }

    func pull(_ name: String = "") throws -> StrictPullProducer {
        let producer = StrictPullProducer(recorder: log, name: name)
        try register(producer, name)
        return producer
    }

    func register(_ producer: StrictProducer, _ name: String = "") throws {
        try register(.push(producer), "register push", name) { () throws(RegistrationError) in
            try consumer.registerProducer(producer)
        }
    }

    func register(_ producer: StrictPullProducer, _ name: String = "") throws {
        try register(.pull(producer), "register pull", name) { () throws(RegistrationError) in
            try consumer.registerProducer(producer)
        }
    }

    private func register(
        _ party: Party,
        _ call: String,
        _ name: String,
        _ register: () throws(RegistrationError) -> Void
    ) throws {
        log.record(call, of: name)
        let before = registered
        parties.append(party)
        registered = party
        do { try register() } catch {
            registered = before
            log.record("already registered")
            throw error
        }
        if party.isOver, registered?.producer === party.producer {
            registered = before.flatMap { $0.isOver ? nil : $0 }
        }
    }

    func unregister() {
        log.record("unregister")
        if let registered {
            switch registered {
            case .push(let producer): producer.unregistered()
            case .pull(let producer): producer.unregistered()
            }
        }
        registered = nil
        if isFinishing { isClosed = true }
        consumer.unregisterProducer()
    }

    // MARK: Writing

    @discardableResult
    func write(_ weight: Int? = nil) -> WriteOutcome {
        let weight = weight ?? unit
        log.record("write \(weight)")
        return put([weight]) { consumer.write($0[0]) }
    }

    @discardableResult
    func writeAll(_ weights: [Int]) -> WriteOutcome {
        log.record((["write-all"] + weights.map { "\($0)" }).joined(separator: " "))
        return put(weights) { consumer.write(contentsOf: $0) }
    }

    /// Writes a sequence that can be read only once.
    @discardableResult
    func writeOnce(_ weights: [Int]) -> WriteOutcome {
        log.record((["write-all"] + weights.map { "\($0)" }).joined(separator: " "))
        return put(weights) { elements in
            var rest = elements[...]
            return consumer.write(contentsOf: AnySequence(AnyIterator { rest.popFirst() }))
        }
    }

    @discardableResult
    func writeEmpty() throws -> WriteOutcome {
        guard let empty = subject.empty else { throw NotApplicable("it has no element without content") }
        log.record("write 0")
        answered()
        return consumer.write(empty())
    }

    private func put(_ weights: [Int], _ write: ([Element]) -> WriteOutcome) -> WriteOutcome {
        let first = entries.count
        let elements = weights.enumerated().map { subject.element($1, first + $0) }
        let total = weights.reduce(0, +)
        let wasClosed = isClosed
        for (weight, element) in zip(weights, elements) {
            entries.append(Entry(weight: weight, content: subject.content(element), fate: .accepted))
        }
        if !weights.isEmpty { answered() }
        // Counted before, because what is drained inside a signal of this write may be of it.
        acceptedWeight += total
        let outcome = write(elements)
        if outcome == .closed {
            acceptedWeight -= total
            for index in first..<(first + weights.count) { entries[index].fate = wasClosed ? .refused : .unknown }
        }
        return outcome
    }

    /// The question is answered before the write, which may bring the next (C5.3).
    func answered() {
        if case .pull(let producer) = registered { producer.answered() }
    }

    // MARK: The owner

    func hold(_ hold: Hold = "a") throws {
        guard let add = subject.hold else { throw NotApplicable("it cannot be held") }
        log.record("hold \(hold)")
        holds.insert(hold)
        add(hold)
    }

    func release(_ hold: Hold = "a") throws {
        guard let remove = subject.release else { throw NotApplicable("it cannot be held") }
        log.record("release \(hold)")
        holds.remove(hold)
        remove(hold)
    }

    func setMarks(_ low: Int, _ high: Int) throws {
        guard let set = subject.setMarks else { throw NotApplicable("its marks cannot be changed") }
        log.record("marks \(low)/\(high)")
        marks = Watermarks(low: low, high: high)
        set(marks)
    }

    func finish() {
        log.record("finish")
        isFinishing = true
        if registered == nil { isClosed = true }
        consumer.finish()
    }

    func fail(_ error: any Error) {
        log.record("fail")
        isClosed = true
        consumer.fail(error)
    }

    func abort(_ reason: EndReason = .aborted) {
        log.record("abort \(reason.code)")
        isClosed = true
        mayDrop = true
        consumer.abort(reason)
    }

    func lose() async throws {
        guard let lose = subject.lose else { throw NotApplicable("it has nothing behind it to lose") }
        log.record("lose")
        mayDrop = true
        await lose()
        isClosed = true
    }

    func connect() async {
        guard !isConnected, let connect = subject.connect else { return }
        isConnected = true
        log.record("connect")
        await connect()
        cursor = log.calls.count
    }

    func settle() async { await clock.settle() }

    /// Counts what was taken inside a signal.
    func takeAtOnce() {
        log.record("drain all")
        // Before, because taking may bring a signal in which more is written.
        let held = level
        takenWeight += held
        let taken = subject.takeAtOnce?() ?? 0
        takenWeight += taken - held
    }

    private func ended(_ reason: EndReason, _ delivery: Delivery) {
        log.record("end \(reason.code)")
        isClosed = true
        ends.append((reason, delivery))
        onEnd?()
    }

    // MARK: What is expected

    /// The signals since this was last asked.
    func newSignals() -> [String] {
        let all = log.calls
        defer { cursor = all.count }
        return all[cursor...].filter { call in
            let words = call.split(separator: " ")
            guard let first = words.first else { return false }
            let word = first.hasSuffix(":") ? words[words.index(after: words.startIndex)] : first
            return ["pause", "resume", "ask", "stop", "end"].contains(word)
        }
    }

    /// Compares the signals since this was last called.
    func expectSignals(_ expected: String, _ when: String) throws {
        let wanted = expected.isEmpty ? [] : CallDifference.calls(in: expected)
        let was = newSignals()
        guard was != wanted else { return }
        func words(_ signals: [String]) -> String {
            signals.isEmpty ? "no signal" : "'\(signals.joined(separator: " > "))'"
        }
        throw TrialFailure("\(when): expected \(words(wanted)), but there was \(words(was))")
    }

    func expect(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
        if !condition { throw TrialFailure(problem()) }
    }

    func expect<Value: Equatable>(_ was: Value, _ expected: Value, _ what: String) throws {
        if was != expected { throw TrialFailure("\(what): expected \(words(expected)), but it was \(words(was))") }
    }

    /// A value as a person would write it: not `Optional(…)`, and no brackets around signals.
    private func words(_ value: some Any) -> String {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { words($0.value) } ?? "nothing"
        case .collection:
            return mirror.children.isEmpty
                ? "nothing" : mirror.children.map { words($0.value) }.joined(separator: " > ")
        default: return "\(value)"
        }
    }
}

@available(*, unavailable)
extension ConsumerTrial: Sendable {}
