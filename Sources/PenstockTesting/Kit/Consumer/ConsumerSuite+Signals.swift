import Penstock

/// C4.4: anything goes inside a signal.
extension ConsumerSuite {
    static func anythingGoes(_ options: KitOptions) -> [Check] {
        var checks: [Check] = []
        for signal in SignalUnderTest.allCases {
            for action in SignalAction.allCases {
                checks.append(
                    Check("\(action.words) inside \(signal.words)") { t in try await inside(t, signal, action) }
                )
            }
        }
        return checks + recursions()
    }

    private static func inside(_ t: Trial, _ signal: SignalUnderTest, _ action: SignalAction) async throws {
        var isDone = false
        let act = { [unowned t] in
            guard !isDone else { return }
            isDone = true
            action.perform(on: t)
        }
        switch signal {
        case .question:
            let producer = StrictPullProducer(recorder: t.log)
            producer.onAsk = act
            try t.register(producer)
        case .pause, .resume, .stop:
            let producer = try t.push()
            if signal == .pause { producer.onPause = act }
            if signal == .resume { producer.onResume = act }
            if signal == .stop { producer.onStop = { _ in act() } }
            // Not by way of `fill`, since whatever is done in the pause may end it.
            if t.subject.hold != nil {
                try t.hold("obstacle")
            } else if signal == .pause {
                if case .never = t.subject.draining { throw NotApplicable("it is never full by its level") }
                for _ in 0..<t.patience where !isDone {
                    t.write()
                    if !t.isExact { await t.settle() }
                }
            } else {
                try await t.fill()
            }
            if signal == .stop { t.abort() }
        }
        if signal == .resume { try await t.unblock() } else { await t.settle() }
        try t.expect(isDone, "\(signal.words) did not come")
        switch action {
        case .abort: break
        case .fail, .finish: try t.expect(t.snapshot.phase != .open, "it goes on as if nothing had been called")
        case .write, .unregister, .successor, .pullSuccessor:
            if signal != .stop { try t.expect(t.snapshot.phase, .open, "the phase") }
        }
        if action == .abort { try t.expectOver("the end after an abort") }
        try await t.unblock()
        if action == .successor || action == .pullSuccessor, signal != .stop {
            guard let registered = t.registered else { throw TrialFailure("the successor was not registered") }
            switch registered {
            case .push(let producer): try t.expect(producer.state == .running, "the successor does not run")
            case .pull(let producer): try t.expect(producer.state == .asked, "the successor was not asked")
            }
        }
        try await t.conclude()
    }

    private static func recursions() -> [Check] {
        [
            Check("a pull producer that answers inside every question") { t in
                if t.isExact, t.subject.takeAtOnce == nil {
                    throw NotApplicable("nothing can be taken inside a signal")
                }
                if case .everything = t.subject.draining { throw NotApplicable("nothing can be taken inside a signal") }
                let producer = StrictPullProducer(recorder: t.log)
                var gauge = StackSpread()
                producer.onAsk = { [unowned t] in
                    guard gauge.measure() else { return }
                    guard producer.questions < t.options.recursions else { return t.unregister() }
                    t.write(t.subject.leastWeight)
                    if t.isExact { t.takeAtOnce() }
                }
                try t.register(producer)
                await t.settle()
                try gauge.check()
                try t.expect(producer.questions, t.options.recursions, "the questions")
            },
            Check("a push producer that is refilled and emptied inside its signals") { t in
                guard t.isExact, t.subject.takeAtOnce != nil else {
                    throw NotApplicable("nothing can be taken inside a signal")
                }
                let producer = try t.push()
                var gauge = StackSpread()
                var rounds = 0
                producer.onPause = { [unowned t] in if gauge.measure() { t.takeAtOnce() } }
                producer.onResume = { [unowned t] in
                    rounds += 1
                    guard gauge.measure(), rounds < t.options.recursions else { return }
                    t.write(t.marks.high + t.unit)
                }
                t.write(t.marks.high + t.unit)
                await t.settle()
                try gauge.check()
                try t.expect(rounds, t.options.recursions, "the refills")
            },
            Check("a push producer that is held and released inside its signals") { t in
                let producer = try t.push()
                var gauge = StackSpread()
                var rounds = 0
                producer.onPause = { [unowned t] in if gauge.measure() { try? t.release() } }
                producer.onResume = { [unowned t] in
                    rounds += 1
                    guard gauge.measure(), rounds < t.options.recursions else { return }
                    try? t.hold()
                }
                try t.hold()
                await t.settle()
                try gauge.check()
                try t.expect(rounds, t.options.recursions, "the resumes")
            },
            Check("successors inside every pause") { t in
                try t.hold()
                var gauge = StackSpread()
                var left = t.options.recursions
                func next() {
                    left -= 1
                    guard gauge.measure(), left > 0 else { return }
                    let producer = StrictProducer(recorder: t.log)
                    producer.onPause = { [unowned t] in
                        t.unregister()
                        next()
                    }
                    try? t.register(producer)
                }
                next()
                await t.settle()
                try gauge.check()
                try t.expect(left, 0, "the successors left")
            },
            Check("successors inside every stop") { t in
                var gauge = StackSpread()
                var left = t.options.recursions
                func next() {
                    left -= 1
                    guard gauge.measure(), left > 0 else { return }
                    let producer = StrictProducer(recorder: t.log)
                    producer.onStop = { _ in next() }
                    // Not counted by the trial, which takes who is registered in a stop for registered before it.
                    try? t.consumer.registerProducer(producer)
                }
                next()
                t.abort()
                await t.settle()
                try gauge.check()
                try t.expect(left, 0, "the successors left")
            },
        ]
    }
}

/// A signal in which a producer does something.
private enum SignalUnderTest: CaseIterable {
    case pause, resume, question, stop

    var words: String {
        switch self {
        case .pause: "a pause"
        case .resume: "a resume"
        case .question: "a question"
        case .stop: "a stop"
        }
    }
}

/// What a producer does inside a signal.
private enum SignalAction: CaseIterable {
    case write, unregister, finish, fail, abort, successor, pullSuccessor

    var words: String {
        switch self {
        case .write: "writing"
        case .unregister: "unregistering"
        case .finish: "finishing"
        case .fail: "failing"
        case .abort: "aborting"
        case .successor: "a push producer as a successor"
        case .pullSuccessor: "a pull producer as a successor"
        }
    }

    func perform<Element>(on t: ConsumerTrial<Element>) {
        switch self {
        case .write: t.write()
        case .unregister: t.unregister()
        case .finish: t.finish()
        case .fail: t.fail(CheckError())
        case .abort: t.abort()
        case .successor:
            t.unregister()
            _ = try? t.push("successor")
        case .pullSuccessor:
            t.unregister()
            _ = try? t.pull("successor")
        }
    }
}

/// How far apart on the stack the signals of a producer come.
private struct StackSpread {
    /// A megabyte: what a bounded depth needs is less, and what an unbounded one needs is more.
    private static var most: UInt { 1 << 20 }

    private var lowest = UInt.max
    private var highest = UInt.min

    /// Looks where the stack is; false once it has grown too far, so that the check can stop in time.
    mutating func measure() -> Bool {
        var here = 0
        let address = withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
        lowest = min(lowest, address)
        highest = max(highest, address)
        return highest - lowest <= Self.most
    }

    func check() throws {
        guard lowest <= highest, highest - lowest > Self.most else { return }
        throw TrialFailure("the stack grows with every signal inside a signal")
    }
}
