import Penstock

/// One run of a sequence: the producers it registers and the signals they get.
final class SequenceRun<Element> {
    private enum Party {
        case push(StrictProducer)
        case pull(StrictPullProducer)

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

    /// What has followed from the command that is being carried out.
    let recorder = Recorder()

    private let bench: TestBench<Element>
    private var parties: [Party] = []
    private var registered: Party?
    private var outcome: WriteOutcome?
    /// What the command could not do.
    private var obstacle: String?

    init(_ bench: TestBench<Element>) {
        self.bench = bench
        bench.observeEnd? { [recorder] reason, _ in recorder.record("end \(reason.code)") }
    }

    /// Carries out a command; answers what is wrong with what followed from it, or nil.
    func problem(with line: SequenceLine) -> String? {
        recorder.clear()
        outcome = nil
        carryOut(line.action)
        if let obstacle { return obstacle }
        if let difference = difference(from: line.signals) { return difference }
        for check in line.checks {
            if let problem = problem(with: check) { return problem }
        }
        return parties.flatMap(\.violations).first.map { "the contract forbids what is expected here: \($0)" }
    }

    private func carryOut(_ command: SequenceCommand) {
        let consumer = bench.consumer
        switch command {
        case .registerPush:
            let producer = StrictProducer(recorder: recorder)
            register(.push(producer)) { () throws(RegistrationError) in try consumer.registerProducer(producer) }
        case .registerPull:
            let producer = StrictPullProducer(recorder: recorder)
            register(.pull(producer)) { () throws(RegistrationError) in try consumer.registerProducer(producer) }
        case .unregister: unregister()
        case .write(let weight, let times):
            for _ in 0..<times { write(weight) }
        case .writeAll(let weights):
            answered()
            outcome = consumer.write(contentsOf: weights.map(bench.element))
        case .drain(let weight): drain(weight)
        case .hold(let hold): perform(bench.hold, "hold") { $0(hold) }
        case .release(let hold): perform(bench.release, "release") { $0(hold) }
        case .marks(let marks): perform(bench.setMarks, "marks") { $0(marks) }
        case .connect: perform(bench.connect, "connect") { $0() }
        case .lose: perform(bench.lose, "lose") { $0() }
        case .finish: consumer.finish()
        case .fail: consumer.fail(SequenceError())
        case .abort(let code): consumer.abort(EndReason(code))
        case .turn(let count):
            for _ in 0..<count { bench.clock.runTurn() }
        case .settle: bench.clock.settle()
        case .advance(let duration): bench.clock.advance(by: duration)
        }
    }

    private func register(_ party: Party, _ register: () throws(RegistrationError) -> Void) {
        parties.append(party)
        do { try register() } catch {
            recorder.record("already-registered")
            return retire(party)
        }
        // One that was stopped at once was never kept (C1.3, C1.5).
        if !party.isOver { registered = party }
    }

    private func unregister() {
        if let registered { retire(registered) }
        registered = nil
        bench.consumer.unregisterProducer()
    }

    /// From now on every signal to it is illegal.
    private func retire(_ party: Party) {
        switch party {
        case .push(let producer): producer.unregistered()
        case .pull(let producer): producer.unregistered()
        }
    }

    private func write(_ weight: Int?) {
        let element: Element
        if let weight {
            element = bench.element(weight)
        } else if let empty = bench.empty {
            element = empty()
        } else {
            obstacle = "this bench has no element without content"
            return
        }
        answered()
        outcome = bench.consumer.write(element)
    }

    private func answered() {
        // The question of this producer is answered before the write, which may bring the next (C5.3).
        if case .pull(let producer) = registered { producer.answered() }
    }

    private func drain(_ weight: Int?) {
        let taken = bench.drain(weight)
        let left = bench.consumer.snapshot.level
        if let weight, taken != weight {
            obstacle = "a weight of \(taken) could be drained, not \(weight)"
        } else if weight == nil, left > 0 {
            obstacle = "a weight of \(left) was left behind"
        }
    }

    private func perform<Action>(_ action: Action?, _ word: String, _ body: (Action) -> Void) {
        if let action { body(action) } else { obstacle = "this bench cannot carry out '\(word)'" }
    }

    private func difference(from signals: [SequenceSignal]) -> String? {
        let happened = recorder.calls
        for (signal, call) in zip(signals, happened) where !signal.matches(call) {
            return "expected '\(signal.description)', but it was '\(call)'"
        }
        if happened.count < signals.count {
            return "expected '\(signals[happened.count].description)', but nothing more happened"
        }
        return happened.count == signals.count ? nil : "'\(happened[signals.count])' was not expected"
    }

    private func problem(with check: SequenceCheck) -> String? {
        let snapshot = bench.consumer.snapshot
        let delivery = snapshot.delivery
        func compare(_ name: String, _ expected: Int, _ was: Int) -> String? {
            expected == was ? nil : "expected '\(name) \(expected)', but it was \(was)"
        }
        switch check {
        case .outcome(let expected):
            guard let outcome else { return "expected '\(expected)', but nothing was written" }
            return outcome == expected ? nil : "expected '\(expected)', but the write answered '\(outcome)'"
        case .level(let level): return compare("level", level, snapshot.level)
        case .delivered(let weight):
            return compare("delivered", weight, delivery.accepted.weight - delivery.dropped.weight - snapshot.level)
        case .dropped(let elements): return compare("dropped", elements, delivery.dropped.elements)
        case .refused(let elements): return compare("refused", elements, delivery.refused.elements)
        }
    }
}

/// What the command `fail` fails a consumer with.
private struct SequenceError: Error, CustomStringConvertible {
    var description: String { "failed by a sequence of calls" }
}

@available(*, unavailable)
extension SequenceRun: Sendable {}
