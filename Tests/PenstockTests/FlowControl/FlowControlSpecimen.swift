import Penstock

/// A `FlowControl` with what its owner has to know: which brackets are open and whether a later turn is due.
///
/// It names its own state as the article does, and carries out actions as an owner with a producer that does nothing.
struct FlowControlSpecimen {
    static let marks = Watermarks(low: 2, high: 4)
    static let limit = 10

    var flow: FlowControl
    var isConnected: Bool
    var brackets = 0
    var isLaterDue = false

    init(isConnected: Bool) {
        flow = FlowControl(marks: Self.marks, limit: Self.limit, isConnected: isConnected)
        self.isConnected = isConnected
    }

    /// The name of the state in the article.
    var name: String {
        switch flow.phase {
        case .ended: return "ended"
        case .draining:
            if !isConnected { return "draining, connecting" }
            return flow.level == 0 ? "draining, empty" : "draining, held"
        case .connecting, .open, .finishing: break
        }
        let wants = flow.level <= flow.marks.low && flow.holds.isEmpty
        let moment = brackets > 0 ? "signal open" : isLaterDue ? "later turn" : nil
        switch flow.kind {
        case .none:
            if brackets == 0, isLaterDue { return "none, later turn" }
            return "none, \(flow.phase)"
        case .push:
            if flow.isPaused, wants { return "resume due, \(moment ?? "and never given")" }
            if !flow.isPaused, !flow.hasRoom { return "pause due, \(moment ?? "and never given")" }
            return "\(flow.isPaused ? "paused" : "running"), \(flow.phase)"
        case .pull:
            if flow.isAsked { return "asked, \(flow.phase)" }
            if wants, isConnected { return "question due, \(moment ?? "and never given")" }
            return "waiting, \(flow.phase)"
        }
    }

    /// Carries out an action and what follows from it.
    ///
    /// - Returns: What was to be done, in the words of the article.
    @discardableResult
    mutating func carryOut(_ action: FlowControl.Action) -> String {
        var words: [String] = []
        var next = action
        while next != .none {
            words.append("\(next)")
            switch next {
            case .pause, .resume, .ask: next = flow.signalReturned()
            case .stop: next = flow.recheck()
            case .later:
                isLaterDue = true
                next = .none
            case .drained, .none: next = .none
            }
        }
        return words.isEmpty ? "none" : words.joined(separator: ", ")
    }

    mutating func register(_ kind: FlowControl.Kind) -> String {
        do {
            switch try flow.register(kind) {
            case .accepted(let action): return carryOut(action)
            case .stopNewcomer: return "stop newcomer"
            }
        } catch {
            return "throws"
        }
    }

    mutating func write(_ weight: Int) -> String {
        switch flow.admit(weight: weight) {
        case .closed: return "refused"
        case .overflow: return "overflow"
        case .taken:
            flow.accept(weight: weight)
            return carryOut(flow.written())
        }
    }

    mutating func writeEmpty() -> String {
        guard flow.isTaking else { return flow.admit(weight: 0) == .closed ? "refused" : "taken" }
        flow.acceptEmpty()
        return carryOut(flow.written())
    }

    mutating func enter() {
        flow.enter()
        brackets += 1
    }

    mutating func leave() -> String {
        brackets -= 1
        return carryOut(flow.leave())
    }

    mutating func laterTurn() -> String {
        isLaterDue = false
        return carryOut(flow.laterTurn())
    }

    /// Leaves a later turn pending that nothing waits for any more.
    mutating func asksForLaterTurn() {
        enter()
        _ = register(.push)
        _ = write(5)
        carryOut(flow.drain(weight: 5))
        _ = leave()
        carryOut(flow.unregister())
    }
}
