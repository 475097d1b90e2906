import Penstock

/// Prints the edges of one stream, each with the level.
final class FlowLog: FlowObserver {
    private let name: String
    private var ignored: Set<String> = []

    init(name: String) {
        self.name = name
    }

    func flow(_ gate: Gate, didChange edge: FlowEdge) {
        let level = "level \(gate.flow.level)"
        switch edge {
        case .paused: log("paused, \(level) above \(gate.marks.high)")
        case .resumed: log("resumed, \(level)")
        case .held(let hold): log("held by '\(hold)', \(level)")
        case .released(let hold): log("released by '\(hold)', \(level)")
        case .dropped(let elements): log("dropped \(Figures.plain(elements, "element"))")
        case .ignoredEnd(let reason): ignore(reason, after: gate.asked)
        case .ended(let reason, let delivery): log("ended: \(reason.words); \(delivery.words)")
        case .registered, .unregistered, .connected, .finishing, .stopped: break
        }
    }

    func log(_ text: String) {
        Console.shared.print("\(name): \(text)", to: .err)
    }

    /// The first reason stands; a later one is worth a line only if it is news.
    private func ignore(_ reason: EndReason, after first: EndReason) {
        let words = reason.words
        guard words != first.words, ignored.insert(words).inserted else { return }
        log("a later reason, which changes nothing: \(words)")
    }
}
