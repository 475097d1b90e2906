public import Penstock

/// A consumer whose room and drains come as a script says, to test producers with.
///
/// ```swift
/// let consumer = ScriptedConsumer<Int>([.takes(3), .waits(turns: 2), .takes(1), .ends(.cancelled)], scheduler: clock)
/// try source.attach(to: consumer)
/// clock.settle()
/// ```
///
/// This one is full with the third element, takes what it holds and has room two turns later, and ends with the fourth. After
/// the script it always has room. Being full is the hold `script`, so a push producer is paused inside the write that fills
/// the consumer and a pull producer is not asked, by the same rules as everywhere (C4.1, C5.2). Each element weighs 1.
public final class ScriptedConsumer<Element>: GatedConsumer {
    /// One part of the script.
    public enum Step: Sendable {
        /// Takes this many elements at once, at least 1, and goes on to the next step inside the write of the last.
        case takes(Int)
        /// Is full for this many turns: what is written meanwhile is held.
        case waits(turns: Int)
        /// Is full for this long.
        case waitsFor(Duration)
        /// Ends now, and drops what is held.
        case ends(EndReason)
    }

    /// The gate: holds, observer, `onEnd`.
    public let gate: Gate
    /// All elements that were accepted, in their order, held or not.
    public private(set) var elements: [Element] = []
    /// The most elements that were written while this consumer was full once; a producer that obeys its signals on the same
    /// event loop writes none (C4.7).
    public private(set) var skid = 0
    /// Whether the script is over: there is room for good, or the stream has ended.
    public var isScriptOver: Bool { isExhausted || gate.end != nil }

    private static var scriptHold: Hold { "script" }

    private let transcript: Transcript
    private let describe: (Element) -> String
    private var steps: ArraySlice<Step>
    /// How many elements the step under way still takes.
    private var credit = 0
    private var held = 0
    private var isExhausted = false

    /// Creates a consumer.
    ///
    /// - Parameters:
    ///   - script: What happens, step by step.
    ///   - scheduler: Serves the isolation domain of the consumer, and counts the turns of the script.
    ///   - recorder: Where the calls and signals go, in the words of the notation.
    ///   - name: The name in the recorder and in snapshots.
    ///   - describe: Says in a word what was written.
    public init(
        _ script: [Step],
        scheduler: any Scheduler,
        recorder: Recorder = Recorder(),
        name: String = "",
        describe: @escaping (Element) -> String = { "\($0)" }
    ) {
        steps = script[...]
        self.describe = describe
        transcript = Transcript(recorder, name: name)
        let flow = FlowControl(marks: Watermarks(low: 0, high: 0), limit: nil)
        gate = Gate(name: name.isEmpty ? "scripted" : name, flow: flow, scheduler: scheduler)
        gate.owner = self
        proceed()
    }

    /// Where the calls and signals are.
    public var recorder: Recorder { transcript.recorder }

    /// Why the stream ended; nil while it has not.
    public var end: EndReason? { gate.end }

    /// Whether this consumer has no room now, by its script.
    public var isFull: Bool { gate.flow.holds.contains(Self.scriptHold) }

    /// Records the registration, then registers with the gate.
    public func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        try transcript.register(producer) { (standIn) throws(RegistrationError) in try gate.register(standIn) }
    }

    /// Records the registration, then registers with the gate.
    public func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        try transcript.register(producer) { (standIn) throws(RegistrationError) in try gate.register(standIn) }
    }

    /// Records `unregister`, then unregisters.
    public func unregisterProducer() {
        transcript.record("unregister")
        gate.unregister()
    }

    /// Records `write` and the element, and takes it or holds it.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        let element = element
        transcript.record("write \(describe(element))")
        return take([element])
    }

    /// Records `write-all` and the elements, and takes them or holds them as one decision (C3.5).
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        let elements = Array(elements)
        transcript.record((["write-all"] + elements.map(describe)).joined(separator: " "))
        return take(elements)
    }

    /// Records `finish`, then ends once what is held has been taken.
    public func finish() {
        transcript.record("finish")
        gate.finish()
    }

    /// Records `fail`, then ends with the error once what is held has been taken.
    public func fail(_ error: any Error) {
        transcript.record("fail")
        gate.fail(.failed(error))
    }

    /// Records `abort` and the code, then ends now.
    public func abort(_ reason: EndReason) {
        transcript.abort(reason)
        gate.end(reason.abortive, telling: .later)
    }

    /// Drops what is held.
    public func discardHeld() -> Int {
        defer { held = 0 }
        return held
    }

    private func take(_ newcomers: [Element]) -> WriteOutcome {
        guard gate.flow.isTaking else {
            _ = gate.admits(weight: newcomers.count, elements: newcomers.count)
            return .closed
        }
        guard !newcomers.isEmpty else { return gate.flow.hasRoom ? .room : .full }
        elements += newcomers
        // Inside the bracket a pause is given at once and a resume or a question is not, as in any write (C4.1, C4.2).
        gate.enter()
        gate.store(weight: newcomers.count, elements: newcomers.count)
        if isFull {
            held += newcomers.count
            skid = max(skid, held)
        } else {
            gate.drain(weight: newcomers.count)
            credit -= newcomers.count
            if credit <= 0 { proceed() }
        }
        gate.leave()
        return gate.settle()
    }

    /// Begins the next step.
    private func proceed() {
        while gate.end == nil {
            guard let step = steps.popFirst() else {
                isExhausted = true
                credit = .max
                return giveRoom()
            }
            switch step {
            case .takes(let count):
                precondition(count >= 1, "a scripted consumer takes at least 1 element, not \(count)")
                credit = count
                return giveRoom()
            case .waits(let turns):
                guard turns > 0 else { continue }
                gate.hold(Self.scriptHold)
                return wait(turns)
            case .waitsFor(let duration):
                gate.hold(Self.scriptHold)
                gate.scheduler.schedule(after: duration) { [weak self] in self?.proceed() }
                return
            case .ends(let reason):
                gate.end(reason, telling: .later)
            }
        }
    }

    private func wait(_ turns: Int) {
        gate.scheduler.onLaterTurn { [weak self] in
            guard let self else { return }
            if turns > 1 { wait(turns - 1) } else { proceed() }
        }
    }

    private func giveRoom() {
        if held > 0 {
            let weight = held
            held = 0
            gate.drain(weight: weight)
        }
        gate.release(Self.scriptHold)
    }
}

@available(*, unavailable)
extension ScriptedConsumer: Sendable {}
