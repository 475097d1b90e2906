public import Penstock

/// A consumer that passes everything on to another one and records it: the calls it gets and the signals its producer gets.
///
/// Put it between a source and any consumer to see what passes between them, in the words of the notation:
/// `register pull > ask > write 1 > ask > unregister > finish`. What the other consumer's owner is told (`onEnd`) is told
/// there, and not recorded.
public final class RecordingConsumer<Element>: Consumer {
    /// The consumer behind.
    public let base: any Consumer<Element>
    /// Where the calls and signals are.
    public var recorder: Recorder { transcript.recorder }

    private let transcript: Transcript
    private let describe: (Element) -> String

    /// Creates a consumer in front of another.
    ///
    /// - Parameters:
    ///   - base: Takes everything.
    ///   - recorder: Where the calls and signals go.
    ///   - name: The name in the recorder, if several objects report to it.
    ///   - describe: Says in a word what was written.
    public init(
        _ base: any Consumer<Element>,
        recorder: Recorder = Recorder(),
        name: String = "",
        describe: @escaping (Element) -> String = { "\($0)" }
    ) {
        self.base = base
        self.describe = describe
        transcript = Transcript(recorder, name: name)
    }

    /// Records `register push`, then registers behind.
    public func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        try transcript.register(producer) { (standIn) throws(RegistrationError) in try base.registerProducer(standIn) }
    }

    /// Records `register pull`, then registers behind.
    public func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        try transcript.register(producer) { (standIn) throws(RegistrationError) in try base.registerProducer(standIn) }
    }

    /// Records `unregister`, then unregisters behind.
    public func unregisterProducer() {
        transcript.record("unregister")
        base.unregisterProducer()
    }

    /// Records `write` and the element, then writes it behind.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        let element = element
        transcript.record("write \(describe(element))")
        return base.write(element)
    }

    /// Records `write-all` and the elements, then writes them behind as one decision (C3.5).
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        let elements = Array(elements)
        transcript.record((["write-all"] + elements.map(describe)).joined(separator: " "))
        return base.write(contentsOf: elements)
    }

    /// Records `finish`, then finishes behind.
    public func finish() {
        transcript.record("finish")
        base.finish()
    }

    /// Records `fail`, then fails behind.
    public func fail(_ error: any Error) {
        transcript.record("fail")
        base.fail(error)
    }

    /// Records `abort` and the code, then aborts behind.
    public func abort(_ reason: EndReason) {
        transcript.abort(reason)
        base.abort(reason)
    }

    /// Told by the consumer behind; not recorded.
    public func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) { base.whenEnded(body) }

    /// That of the consumer behind.
    public var scheduler: any Scheduler { base.scheduler }

    /// How the consumer behind stands.
    public var snapshot: FlowSnapshot { base.snapshot }
}

@available(*, unavailable)
extension RecordingConsumer: Sendable {}
