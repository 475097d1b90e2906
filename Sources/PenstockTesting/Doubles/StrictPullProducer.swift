public import Penstock

/// A pull producer that records every question and every illegal signal.
///
/// Legal is what the contract says: a question only when the last one was answered, one stop, nothing after it or after
/// ``unregistered()`` (C5.1, C5.2, C6.1). The producer writes nothing by itself: whoever writes its answers says so with
/// ``answered()``, before the write, because the next question may come inside it.
public final class StrictPullProducer: PullProducer {
    /// What the producer may be told next.
    public enum State: Hashable, Sendable {
        /// It has answered all it was asked.
        case idle
        /// It owes an answer.
        case asked
        /// Stopped, or unregistered: nothing may come any more.
        case over
    }

    /// What it may be told next.
    public private(set) var state = State.idle
    /// How often it was asked.
    public private(set) var questions = 0
    /// The illegal signals, each with the state it came in.
    public private(set) var violations: [String] = []
    /// The reason of the stop.
    public private(set) var stopReason: EndReason?

    /// Called inside each question, after it was recorded.
    public var onAsk: (() -> Void)?
    /// Called inside the stop, after it was recorded.
    public var onStop: ((EndReason) -> Void)?

    private let recorder: Recorder?
    private let name: String

    /// Creates a producer that owes no answer.
    ///
    /// - Parameters:
    ///   - recorder: Where each signal is reported as well, as `ask` or `stop` with the code of the reason.
    ///   - name: The name in the recorder, if several objects report to it.
    public init(recorder: Recorder? = nil, name: String = "") {
        self.recorder = recorder
        self.name = name
    }

    /// Something is about to be written to the consumer, by whomever: that answers the open question (C3.3).
    public func answered() {
        if state == .asked { state = .idle }
    }

    /// The test has unregistered the producer: from now on every signal is illegal.
    public func unregistered() { state = .over }

    /// Records a question.
    public func resumeProducing() {
        recorder?.record("ask", of: name)
        questions += 1
        if state == .idle { state = .asked } else { violations.append("question \(questions) while \(state)") }
        onAsk?()
    }

    /// Records a stop.
    public func stopProducing(_ reason: EndReason) {
        recorder?.record("stop \(reason.code)", of: name)
        if state == .over { violations.append("stop while over") }
        state = .over
        stopReason = stopReason ?? reason
        onStop?(reason)
    }
}

@available(*, unavailable)
extension StrictPullProducer: Sendable {}
