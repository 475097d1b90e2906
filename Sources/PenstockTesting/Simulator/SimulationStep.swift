/// What one step of a simulation does.
enum SimulationVerb: UInt8, CaseIterable {
    case write, writeAll, take, hold, release, push, pull, unregister, finish, fail, abort, attach, breaks, marks
    case add, remove, kernel, lose, turn, rest, advance

    /// The word in a script, and the names of its arguments.
    var form: (word: String, arguments: [String]) {
        switch self {
        case .write: ("write", ["node", "weight", "ending"])
        case .writeAll: ("write-all", ["node", "count", "weight"])
        case .take: ("take", ["node"])
        case .hold: ("hold", ["node", "hold"])
        case .release: ("release", ["node", "hold"])
        case .push: ("push", ["node", "supply", "weight"])
        case .pull: ("pull", ["node", "supply", "weight"])
        case .unregister: ("unregister", ["node"])
        case .finish: ("finish", ["node"])
        case .fail: ("fail", ["node"])
        case .abort: ("abort", ["node"])
        case .attach: ("attach", ["node", "policy"])
        case .breaks: ("break", ["node"])
        case .marks: ("marks", ["node", "low", "span"])
        case .add: ("add", ["node", "meter"])
        case .remove: ("remove", ["node", "meter"])
        case .kernel: ("kernel", ["node", "bytes"])
        case .lose: ("lose", ["node"])
        case .turn: ("turn", [])
        case .rest: ("rest", [])
        case .advance: ("advance", ["milliseconds"])
        }
    }
}

/// The moments in which a producer, a reader or an owner acts.
enum SimulationSignal: UInt8, CaseIterable {
    case none, pause, resume, ask, stop, readable, ended, done, transform, element, accepted, drained

    /// The word in a script.
    var word: String {
        switch self {
        case .none: ""
        case .pause: "pause"
        case .resume: "resume"
        case .ask: "ask"
        case .stop: "stop"
        case .readable: "readable"
        case .ended: "ended"
        case .done: "done"
        case .transform: "transform"
        case .element: "element"
        case .accepted: "accepted"
        case .drained: "drained"
        }
    }
}

/// One step of a script: something to do now, or inside the next signal of a kind at a node.
struct SimulationStep: Hashable, CustomStringConvertible {
    var verb: SimulationVerb
    var first = 0
    var second = 0
    var third = 0
    var signal = SimulationSignal.none
    /// The node whose signal is waited for.
    var place = 0

    init(_ verb: SimulationVerb, _ first: Int = 0, _ second: Int = 0, _ third: Int = 0) {
        self.verb = verb
        self.first = first
        self.second = second
        self.third = third
    }

    var description: String {
        let form = verb.form
        let numbers = [first, second, third].prefix(form.arguments.count).map { "\($0)" }
        let text = ([form.word] + numbers).joined(separator: " ")
        return signal == .none ? text : "in \(signal.word) \(place): \(text)"
    }

    /// Reads a step; nil if the words are none.
    init?(_ words: [Substring]) {
        var words = words[...]
        var signal = SimulationSignal.none
        var place = 0
        if words.first == "in" {
            guard words.count > 3, words[2].last == ":", let number = Int(words[2].dropLast()), number >= 0,
                let found = SimulationSignal.allCases.first(where: { $0 != .none && $0.word == words[1] })
            else { return nil }
            signal = found
            place = number
            words = words.dropFirst(3)
        }
        guard let word = words.first, let verb = SimulationVerb.allCases.first(where: { $0.form.word == word }),
            words.count - 1 == verb.form.arguments.count
        else { return nil }
        var numbers = words.dropFirst().compactMap { Int($0) }
        guard numbers.count == words.count - 1, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
        while numbers.count < 3 { numbers.append(0) }
        self.init(verb, numbers[0], numbers[1], numbers[2])
        self.signal = signal
        self.place = place
    }
}
