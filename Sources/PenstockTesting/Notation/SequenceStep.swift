import Penstock

/// What the runner of a sequence does at one point.
enum SequenceCommand {
    case registerPush
    case registerPull
    case unregister
    /// Nil: an element without content.
    case write(weight: Int?, times: Int)
    case writeAll([Int])
    /// Nil: all there is.
    case drain(Int?)
    case hold(Hold)
    case release(Hold)
    case marks(Watermarks)
    case connect
    case lose
    case finish
    case fail
    case abort(EndReason.Code)
    case turn(Int)
    case settle
    case advance(Duration)
}

/// What must follow from a command.
enum SequenceExpectation {
    /// Comes in exactly this order.
    case signal(SequenceSignal)
    /// Holds when the command and its signals are over.
    case state(SequenceCheck)
}

/// A signal, or what is told, by name.
struct SequenceSignal {
    var verb: String
    /// Nil: any.
    var code: String?

    var description: String { code.map { "\(verb) \($0)" } ?? verb }

    func matches(_ happened: String) -> Bool {
        happened == description || (code == nil && happened.hasPrefix(verb + " "))
    }
}

/// Something about the consumer that can be looked up.
enum SequenceCheck {
    case outcome(WriteOutcome)
    case level(Int)
    case delivered(Int)
    case dropped(Int)
    case refused(Int)
}

/// A command and what must follow from it.
struct SequenceLine {
    /// The command as it was written.
    var command: String
    /// The command and its expectations as they were written.
    var text: String
    var action: SequenceCommand
    var expectations: [SequenceExpectation] = []

    var signals: [SequenceSignal] {
        expectations.compactMap { if case .signal(let signal) = $0 { signal } else { nil } }
    }

    var checks: [SequenceCheck] {
        expectations.compactMap { if case .state(let check) = $0 { check } else { nil } }
    }
}
