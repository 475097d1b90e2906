import Penstock

/// The producer that a stage is fed by: obeys every signal at once, and judges the signals it gets.
final class StageFeeder<Input>: PushProducer, PullProducer {
    enum Kind: CaseIterable {
        case push, pull
    }

    /// What it does behind its last element.
    enum Ending {
        /// Unregisters, and finishes the stage.
        case finish
        /// Unregisters, and fails the stage.
        case fail(any Error)
        /// Unregisters.
        case unregister
        /// Stays registered.
        case stay
    }

    let kind: Kind
    private(set) var written = 0
    private(set) var pauses = 0
    private(set) var questions = 0
    private(set) var stops: [EndReason] = []
    private(set) var isPaused = false
    private(set) var isAsked = false
    private(set) var isOver = false
    /// The signals that the contract forbids.
    private(set) var violations: [String] = []
    /// What the last write answered.
    private(set) var outcome: WriteOutcome?

    private let inputs: [Input]
    private let ending: Ending
    private let recorder: Recorder
    private let describe: (Input) -> String
    private var consumer: (any Consumer<Input>)?
    private var isWriting = false

    init(
        _ kind: Kind,
        _ inputs: [Input],
        ending: Ending,
        recorder: Recorder,
        describe: @escaping (Input) -> String
    ) {
        self.kind = kind
        self.inputs = inputs
        self.ending = ending
        self.recorder = recorder
        self.describe = describe
    }

    /// Registers and begins.
    func start(into consumer: any Consumer<Input>) throws(RegistrationError) {
        self.consumer = consumer
        switch kind {
        case .push:
            record("register push")
            try consumer.registerProducer(self as any PushProducer)
            proceed()
        case .pull:
            record("register pull")
            try consumer.registerProducer(self as any PullProducer)
        }
    }

    /// Unregisters in the middle of it all.
    func leave() {
        guard let consumer, !isOver else { return }
        isOver = true
        self.consumer = nil
        record("unregister")
        consumer.unregisterProducer()
    }

    func pauseProducing() {
        record("pause")
        judge("a pause", isLegal: kind == .push && !isPaused)
        isPaused = true
        pauses += 1
    }

    func resumeProducing() {
        switch kind {
        case .push:
            record("resume")
            judge("a resume", isLegal: isPaused && !isWriting)
            isPaused = false
            proceed()
        case .pull:
            record("ask")
            judge("a question", isLegal: !isAsked)
            isAsked = true
            questions += 1
            proceed()
        }
    }

    func stopProducing(_ reason: EndReason) {
        record("stop \(reason.code)")
        judge("a stop", isLegal: true)
        stops.append(reason)
        isOver = true
        consumer = nil
    }

    private func proceed() {
        guard !isWriting else { return }
        while let consumer, kind == .push ? !isPaused : isAsked {
            guard written < inputs.count else { return end(consumer) }
            let input = inputs[written]
            written += 1
            isAsked = false
            record("write \(describe(input))")
            isWriting = kind == .push
            outcome = consumer.write(input)
            isWriting = false
            // A question inside the write has been answered inside it.
        }
    }

    private func end(_ consumer: any Consumer<Input>) {
        if case .stay = ending { return }
        leave()
        switch ending {
        case .finish:
            record("finish")
            consumer.finish()
        case .fail(let error):
            record("fail")
            consumer.fail(error)
        case .unregister, .stay: break
        }
    }

    private func judge(_ signal: String, isLegal: Bool) {
        if isOver { violations.append("\(signal) came to a producer that is not registered any more") }
        if !isLegal { violations.append("\(signal) came that the contract forbids here") }
    }

    private func record(_ call: String) { recorder.record(call, of: "up") }
}

@available(*, unavailable)
extension StageFeeder: Sendable {}
