public import Penstock

/// A push producer that records every signal and every illegal order of them.
///
/// Legal is what the contract says: a pause only while running, a resume only while paused, one stop, nothing after it
/// or after ``unregistered()`` (C4.1, C4.3, C6.1). For pull producers there is ``StrictPullProducer``.
public final class StrictProducer: PushProducer {
    /// A signal that was received.
    public enum Signal: Hashable, Sendable, CustomStringConvertible {
        /// `pauseProducing`
        case pause
        /// `resumeProducing`
        case resume
        /// `stopProducing`
        case stop

        /// The verb.
        public var description: String {
            switch self {
            case .pause: "pause"
            case .resume: "resume"
            case .stop: "stop"
            }
        }
    }

    /// What the producer may be told next.
    public enum State: Hashable, Sendable {
        /// Neither paused nor stopped.
        case running
        /// Paused.
        case paused
        /// Stopped, or unregistered: nothing may come any more.
        case over
    }

    /// What it may be told next.
    public private(set) var state = State.running
    /// All signals in their order.
    public private(set) var signals: [Signal] = []
    /// The illegal ones, each with what had come before it.
    public private(set) var violations: [String] = []
    /// The reason of the stop.
    public private(set) var stopReason: EndReason?

    /// Called inside the signal, after it was recorded.
    public var onPause: (() -> Void)?
    /// Called inside the signal, after it was recorded.
    public var onResume: (() -> Void)?
    /// Called inside the signal, after it was recorded.
    public var onStop: ((EndReason) -> Void)?

    private let traps: Bool
    private let recorder: Recorder?
    private let name: String

    /// Creates a running producer.
    ///
    /// - Parameters:
    ///   - traps: Whether an illegal signal is a fatal error instead of a recorded violation.
    ///   - recorder: Where each signal is reported as well, as `pause`, `resume` or `stop` with the code of the reason.
    ///   - name: The name in the recorder, if several objects report to it.
    public init(traps: Bool = false, recorder: Recorder? = nil, name: String = "") {
        self.traps = traps
        self.recorder = recorder
        self.name = name
    }

    /// The test has unregistered the producer: from now on every signal is illegal.
    public func unregistered() { state = .over }

    /// The test registers the producer again: it is running.
    public func registeredAgain() { state = .running }

    /// Records a pause.
    public func pauseProducing() {
        recorder?.record("pause", of: name)
        record(.pause, legalIn: .running, then: .paused)
        onPause?()
    }

    /// Records a resume.
    public func resumeProducing() {
        recorder?.record("resume", of: name)
        record(.resume, legalIn: .paused, then: .running)
        onResume?()
    }

    /// Records a stop.
    public func stopProducing(_ reason: EndReason) {
        let before = state
        recorder?.record("stop \(reason.code)", of: name)
        record(.stop, legalIn: before == .over ? .running : before, then: .over)
        stopReason = stopReason ?? reason
        onStop?(reason)
    }

    private func record(_ signal: Signal, legalIn legal: State, then next: State) {
        if state != legal {
            let before = signals.map(\.description).joined(separator: " > ")
            let violation = "\(signal) while \(state), after: \(before.isEmpty ? "nothing" : before)"
            precondition(!traps, violation)
            violations.append(violation)
        }
        signals.append(signal)
        if state != .over { state = next }
    }
}

@available(*, unavailable)
extension StrictProducer: Sendable {}
