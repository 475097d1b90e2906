import Penstock

/// Reads the words of one step, from the left, and says where it got lost.
struct SequenceParser {
    private struct Word {
        var text: String
        var position: Int
    }

    private static let commands =
        "register, unregister, write, write-all, drain, hold, release, marks, connect, lose, finish, fail, abort, turn, settle, "
        + "advance"
    private static let expectations =
        "pause, resume, ask, stop, end, already-registered, room, full, closed, level, delivered, dropped, refused"
    private static let codes: [EndReason.Code] = [
        .finished, .failed, .cancelled, .aborted, .lost, .overflow, .timedOut, .closedLocally, .consumerEnded,
        .peerFinished,
    ]
    private static let units: [(name: String, unit: Duration)] = [
        ("ns", .nanoseconds(1)), ("us", .microseconds(1)), ("ms", .milliseconds(1)), ("s", .seconds(1)),
        ("min", .seconds(60)),
    ]

    private let text: String
    private var words: ArraySlice<Word> = []
    /// Where the step ends, in characters from the beginning of the text.
    private var end = 0

    init(_ text: String) {
        self.text = text
    }

    /// The lines of the whole text.
    mutating func lines() throws(SequenceSyntaxError) -> [SequenceLine] {
        var lines: [SequenceLine] = []
        for words in steps() {
            self.words = words.words[...]
            end = words.end
            let first = try word("a command: \(Self.commands)")
            let spelling = words.words.map(\.text).joined(separator: " ")
            if let action = try command(first) {
                lines.append(SequenceLine(command: spelling, text: spelling, action: action))
            } else if lines.isEmpty {
                throw error(first, "a command, for a sequence begins with one: \(Self.commands)")
            } else {
                lines[lines.count - 1].expectations += try expectation(first)
                lines[lines.count - 1].text += " > \(spelling)"
            }
            if let surplus = self.words.first { throw error(surplus, "'>' or the end, after '\(first.text)'") }
        }
        return lines
    }

    /// The words of each step, with their positions.
    private func steps() -> [(words: [Word], end: Int)] {
        var steps: [(words: [Word], end: Int)] = []
        var words: [Word] = []
        var isInside = false
        for (offset, character) in text.enumerated() {
            if character == ">" {
                steps.append((words, offset))
                words = []
            }
            guard character != ">", !character.isWhitespace else {
                isInside = false
                continue
            }
            if isInside {
                words[words.count - 1].text.append(character)
            } else {
                words.append(Word(text: String(character), position: offset + 1))
                isInside = true
            }
        }
        steps.append((words, text.count))
        return steps
    }

    // MARK: Steps

    /// Nil if the word is no command.
    private mutating func command(_ first: Word) throws(SequenceSyntaxError) -> SequenceCommand? {
        switch first.text {
        case "register":
            let kind = try word("'push' or 'pull'")
            guard kind.text == "push" || kind.text == "pull" else { throw error(kind, "'push' or 'pull'") }
            return kind.text == "push" ? .registerPush : .registerPull
        case "unregister": return .unregister
        case "write":
            let what = try word("a weight or 'empty'")
            let weight: Int? = what.text == "empty" ? nil : try number(what, "a weight or 'empty'", atLeast: 1)
            return .write(weight: weight, times: try times())
        case "write-all":
            var weights = [try number("a weight")]
            while !words.isEmpty { weights.append(try number("a weight")) }
            return .writeAll(weights)
        case "drain":
            let what = try word("a weight or 'all'")
            return .drain(what.text == "all" ? nil : try number(what, "a weight or 'all'", atLeast: 1))
        case "hold": return .hold(try hold())
        case "release": return .release(try hold())
        case "marks":
            let low = try number("the low mark", atLeast: 0)
            return .marks(Watermarks(low: low, high: try number("the high mark, at least \(low)", atLeast: low)))
        case "connect": return .connect
        case "lose": return .lose
        case "finish": return .finish
        case "fail": return .fail
        case "abort": return .abort(try code() ?? .aborted)
        case "turn": return .turn(try times())
        case "settle": return .settle
        case "advance": return .advance(try duration())
        default: return nil
        }
    }

    private mutating func expectation(_ first: Word) throws(SequenceSyntaxError) -> [SequenceExpectation] {
        switch first.text {
        case "pause", "resume", "already-registered": return [.signal(SequenceSignal(verb: first.text))]
        case "ask": return Array(repeating: .signal(SequenceSignal(verb: "ask")), count: try times())
        case "stop", "end": return [.signal(SequenceSignal(verb: first.text, code: try code()?.description))]
        case "room": return [.state(.outcome(.room))]
        case "full": return [.state(.outcome(.full))]
        case "closed": return [.state(.outcome(.closed))]
        case "level": return [.state(.level(try number("a weight", atLeast: 0)))]
        case "delivered": return [.state(.delivered(try number("a weight", atLeast: 0)))]
        case "dropped": return [.state(.dropped(try number("a number of elements", atLeast: 0)))]
        case "refused": return [.state(.refused(try number("a number of elements", atLeast: 0)))]
        default:
            throw error(first, "a command (\(Self.commands)) or what follows from one (\(Self.expectations))")
        }
    }

    // MARK: Words

    private mutating func word(_ expected: String) throws(SequenceSyntaxError) -> Word {
        guard let word = words.popFirst() else { throw error(Word(text: "", position: end + 1), expected) }
        return word
    }

    private mutating func number(_ expected: String, atLeast least: Int = 1) throws(SequenceSyntaxError) -> Int {
        try number(try word(expected), expected, atLeast: least)
    }

    private func number(_ word: Word, _ expected: String, atLeast least: Int) throws(SequenceSyntaxError) -> Int {
        guard let number = Int(word.text), number >= least else { throw error(word, expected) }
        return number
    }

    /// A count such as `x3`; 1 if there is none.
    private mutating func times() throws(SequenceSyntaxError) -> Int {
        guard let word = words.popFirst() else { return 1 }
        let expected = "a count such as x3"
        guard word.text.hasPrefix("x") else { throw error(word, expected) }
        guard let count = Int(word.text.dropFirst()), count >= 1 else { throw error(word, expected) }
        return count
    }

    private mutating func hold() throws(SequenceSyntaxError) -> Hold {
        let first = try word("the name of a hold")
        defer { words = [] }
        return Hold(([first] + words).map(\.text).joined(separator: " "))
    }

    /// The rest of the step, in the words of ``EndReason/Code``; nil if there is no rest.
    private mutating func code() throws(SequenceSyntaxError) -> EndReason.Code? {
        guard let first = words.first else { return nil }
        let name = words.map(\.text).joined(separator: " ")
        guard let code = Self.codes.first(where: { $0.description == name }) else {
            let names = Self.codes.map(\.description).joined(separator: ", ")
            throw error(Word(text: name, position: first.position), "the code of an end: \(names)")
        }
        words = []
        return code
    }

    private mutating func duration() throws(SequenceSyntaxError) -> Duration {
        let expected = "a duration such as 10ms, in ns, us, ms, s or min"
        let word = try word(expected)
        let digits = word.text.prefix(while: \.isNumber)
        let name = word.text.dropFirst(digits.count)
        guard let count = Int(digits), let unit = Self.units.first(where: { $0.name == name })?.unit else {
            throw error(word, expected)
        }
        return unit * count
    }

    private func error(_ word: Word, _ expected: String) -> SequenceSyntaxError {
        SequenceSyntaxError(text: text, word: word.text, position: word.position, expected: expected)
    }
}
