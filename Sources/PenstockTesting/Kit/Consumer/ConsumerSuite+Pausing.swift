import Penstock

/// C4: push producers, pause and resume.
extension ConsumerSuite {
    static func pauses() -> [Check] {
        [
            Check("a write that lifts the level above the high mark pauses once, inside it") { t in
                try t.requireExact()
                _ = try t.push()
                t.write(t.marks.high)
                try t.expectSignals("", "the level at the high mark")
                t.write(t.subject.leastWeight)
                try t.expectSignals("pause", "the level above the high mark")
                t.write()
                t.writeAll([t.unit, t.unit])
                await t.settle()
                try t.expectSignals("", "further writes")
            },
            Check("a producer that writes in a loop learns it before its next element") { t in
                let producer = try t.push()
                if case .never = t.subject.draining { throw NotApplicable("it is never full by its level") }
                var skid = 0
                for _ in 0..<t.patience where producer.state == .running {
                    let outcome = t.write()
                    if outcome == .full, producer.state == .running { skid += 1 }
                    if t.isExact { continue }
                    await t.settle()
                }
                try t.expect(producer.state == .paused, "the producer was never paused")
                try t.expect(skid, 0, "the writes that were answered with full before the pause")
            },
            Check("a second round pauses again") { t in
                let producer = try t.push()
                for _ in 0..<3 {
                    try await t.fill()
                    try await t.unblock()
                }
                if t.isExact { try t.expect(producer.signals.filter { $0 == .pause }.count, 3, "the pauses") }
            },
            Check("a hold pauses once, inside it") { t in
                _ = try t.push()
                try t.hold("a")
                try t.expectSignals("pause", "a hold")
                t.write(t.subject.leastWeight)
                await t.settle()
                try t.expectSignals("", "a write under the hold")
            },
            Check("lower marks pause at once") { t in
                try t.requireExact()
                _ = try t.push()
                t.write(t.marks.high)
                try t.setMarks(0, t.marks.high - 1)
                try t.expectSignals("pause", "marks below the level")
            },
        ]
    }

    static func resumes() -> [Check] {
        [
            Check("it resumes once, when the level has fallen to the low mark") { t in
                try t.requireExact()
                let light = t.subject.leastWeight
                _ = try t.push()
                // Oldest first: what is drained in three steps, then what is left at the low mark.
                t.write(t.marks.high + light - t.marks.low)
                t.write(light)
                t.write(t.marks.low)
                try t.expectSignals("pause", "filling it")
                try await t.drain(t.marks.high + light - t.marks.low)
                await t.settle()
                try t.expectSignals("", "the level above the low mark")
                try await t.drain(light)
                await t.settle()
                try t.expectSignals("resume", "the level at the low mark")
                await t.drainAll()
                await t.settle()
                try t.expectSignals("", "the level below the low mark")
            },
            Check("it resumes inside the drain that makes room, or on a later turn, once") { t in
                let producer = try t.push()
                try await t.block()
                try await t.unblock()
                try t.expect(producer.state == .running, "the producer was not resumed")
                if t.isExact { try t.expectSignals("resume", "room again") }
            },
            Check("not while a hold is left") { t in
                _ = try t.push()
                try t.hold("a")
                try t.hold("b")
                try t.expectSignals("pause", "two holds")
                try t.release("a")
                await t.settle()
                try t.expectSignals("", "a hold is left")
                try t.release("b")
                await t.settle()
                try t.expectSignals("resume", "no hold is left")
            },
            Check("not while the level is high, when a hold goes") { t in
                try t.requireExact()
                _ = try t.push()
                try await t.fill()
                _ = t.newSignals()
                try t.hold()
                try t.release()
                await t.settle()
                try t.expectSignals("", "the level is high")
                await t.drainAll()
                await t.settle()
                try t.expectSignals("resume", "room again")
            },
            Check("not under a hold, when the level falls") { t in
                _ = try t.push()
                try await t.fill()
                _ = t.newSignals()
                try t.hold()
                await t.drainAll()
                await t.settle()
                try t.expectSignals("", "a drain under a hold")
                try t.release()
                await t.settle()
                try t.expectSignals("resume", "the hold is gone")
            },
            Check("higher marks resume at once") { t in
                try t.requireExact()
                _ = try t.push()
                try await t.fill()
                _ = t.newSignals()
                try t.setMarks(t.level, t.level * 2)
                await t.settle()
                try t.expectSignals("resume", "marks above the level")
            },
            Check("not inside a pause, when room is made there") { t in
                guard t.subject.takeAtOnce != nil else { throw NotApplicable("nothing can be taken inside a signal") }
                try await notNested(t) { $0.takeAtOnce() }
            },
            Check("not inside a pause, when a hold goes there") { t in
                guard t.subject.hold != nil else { throw NotApplicable("it cannot be held") }
                try await notNested(t) { try? $0.release() }
            },
            Check("not inside another resume") { t in
                let producer = try t.push()
                var depth = 0
                var rounds = 0
                var deepest = 0
                producer.onResume = { [unowned t] in
                    depth += 1
                    deepest = max(deepest, depth)
                    rounds += 1
                    if rounds < 3 {
                        try? t.hold()
                        try? t.release()
                    }
                    depth -= 1
                }
                try t.hold()
                try t.release()
                await t.settle()
                try t.expect(deepest, 1, "the resumes inside one another")
                try t.expect(rounds, 3, "the resumes")
                try t.expect(producer.state == .running, "the producer was left paused")
            },
        ]
    }

    /// Makes room inside the pause: the resume has to come later, and has to come.
    private static func notNested(_ t: Trial, _ makeRoom: @escaping (Trial) -> Void) async throws {
        let producer = try t.push()
        var isInside = false
        var nested = 0
        producer.onPause = { [unowned t] in
            isInside = true
            makeRoom(t)
            isInside = false
        }
        producer.onResume = { if isInside { nested += 1 } }
        if t.subject.takeAtOnce != nil, t.isExact {
            t.write(t.marks.high + t.unit)
            try t.expectSignals("pause", "a write that fills it")
        }
        if t.registered == nil || producer.state == .running { try t.hold() }
        if !t.holds.isEmpty { try t.release() }
        await t.drainAll()
        await t.settle()
        try t.expect(nested, 0, "the resumes inside a pause")
        try t.expect(producer.state == .running, "the producer was left paused")
    }

    static func balanced() -> [Check] {
        [
            Check("a producer that was not paused is not resumed") { t in
                _ = try t.push()
                for _ in 0..<3 {
                    t.write(t.subject.leastWeight)
                    await t.drainAll()
                    await t.settle()
                }
                if t.subject.hold != nil {
                    t.unregister()
                    try t.hold()
                    try t.release()
                    _ = try t.push()
                    await t.settle()
                }
                try t.expectSignals("", "nothing paused it")
            },
            Check("no resume after the stop") { t in
                _ = try t.push()
                try await t.block()
                t.abort()
                if !t.holds.isEmpty { try t.release("obstacle") }
                await t.drainAll()
                await t.settle()
                let signals = t.newSignals().filter { !$0.hasPrefix("end") }
                try t.expect(signals, ["stop aborted"], "the signals after the abort")
            },
            Check("no resume when held elements go out behind an error") { t in
                _ = try t.push()
                try await t.block()
                t.fail(CheckError())
                if !t.holds.isEmpty { try t.release("obstacle") }
                await t.drainAll()
                await t.settle()
                let signals = t.newSignals().filter { !$0.hasPrefix("end") }
                try t.expect(signals, ["stop failed"], "the signals after the failure")
            },
            Check("no resume after an abort inside the pause") { t in
                let producer = try t.push()
                producer.onPause = { [unowned t] in t.abort() }
                if case .never = t.subject.draining {
                    try t.hold()
                } else {
                    for _ in 0..<t.patience where producer.state != .over {
                        t.write()
                        if !t.isExact { await t.settle() }
                    }
                }
                await t.settle()
                try t.expect(producer.signals, [.pause, .stop], "the signals")
            },
            Check("no resume after unregistering inside the pause") { t in
                let producer = try t.push()
                producer.onPause = { [unowned t] in t.unregister() }
                if case .never = t.subject.draining {
                    try t.hold("obstacle")
                } else {
                    for _ in 0..<t.patience where producer.state != .over {
                        t.write()
                        if !t.isExact { await t.settle() }
                    }
                }
                try await t.unblock()
                try t.expect(producer.signals, [.pause], "the signals")
            },
        ]
    }

    static func notCounted() -> [Check] {
        [
            Check("several reasons are one pause and one resume") { t in
                _ = try t.push()
                try t.hold("a")
                try t.hold("b")
                if case .never = t.subject.draining {} else { t.write(t.marks.high * 2) }
                try t.expectSignals("pause", "two holds and a high level")
                try t.release("b")
                await t.drainAll()
                await t.settle()
                try t.expectSignals("", "a hold is left")
                try t.release("a")
                await t.settle()
                try t.expectSignals("resume", "no reason is left")
            },
            Check("the same hold twice is one hold") { t in
                _ = try t.push()
                try t.hold("a")
                try t.hold("a")
                try t.expectSignals("pause", "the same hold twice")
                try t.release("a")
                await t.settle()
                try t.expectSignals("resume", "it was released once")
                try t.release("a")
                await t.settle()
                try t.expectSignals("", "it was released again")
            },
            Check("releasing a hold that is not there does nothing") { t in
                _ = try t.push()
                try t.hold("a")
                try t.expectSignals("pause", "a hold")
                try t.release("b")
                await t.settle()
                try t.expectSignals("", "another hold was released")
                try t.release("a")
                await t.settle()
                try t.expectSignals("resume", "the hold was released")
            },
        ]
    }

    static func exactLevel(_ options: KitOptions) -> [Check] {
        [
            Check("what is written counts, and what was taken no longer does") { t in
                try t.requireExact()
                for round in 1...4 {
                    t.write(t.unit * round)
                    t.writeAll([t.unit, t.unit + round])
                    try t.expect(t.snapshot.level, t.level, "the level after writing")
                    try await t.drain(t.unit * round)
                    try t.expect(t.snapshot.level, t.level, "the level after a drain")
                }
                await t.drainAll()
                try t.expect(t.snapshot.level, 0, "the level when everything was taken")
            },
            Check("a drain that ends inside an element") { t in
                try t.requireExact()
                t.write(t.unit * 4)
                t.write(t.unit * 4)
                try await t.drain(t.unit * 5)
                try t.expect(t.snapshot.level, t.level, "the level")
                try t.expect(t.snapshot.delivery.accepted.weight, t.acceptedWeight, "the weight accepted")
            },
            Check("nothing is held by a consumer that takes everything at once") { t in
                guard case .never = t.subject.draining else { throw NotApplicable("it holds what it gets") }
                t.write()
                t.writeAll([t.unit, t.unit])
                try t.expect(t.snapshot.level, 0, "the level")
            },
            Check("after the end nothing counts") { t in
                try await t.fill()
                t.abort()
                await t.settle()
                try t.expect(t.snapshot.level, 0, "the level after an abort")
            },
            Check("the level is zero when everything was taken") { t in
                if case .never = t.subject.draining { throw NotApplicable("it holds nothing") }
                try await t.fill()
                await t.drainAll()
                await t.settle()
                try t.expect(t.snapshot.level, 0, "the level")
                try t.expect(t.snapshot.peak > 0, "the peak is zero, although it was full")
            },
            Check("in a random order of calls", times: options.randomOrders) { t in
                if case .everything = t.subject.draining {
                    throw NotApplicable("what it holds leaves at a pace of its own")
                }
                try await RandomOrder(t).run()
            },
        ]
    }

    static func noLostWakeUp(_ options: KitOptions) -> [Check] {
        [
            Check("a producer that is paused when the stream ends is stopped") { t in
                let producer = try t.push()
                try await t.block()
                t.abort()
                try t.expect(producer.state == .over, "the producer was not stopped")
            },
            Check("a producer that is paused while finishing is resumed") { t in
                let producer = try t.push()
                try await t.block()
                t.finish()
                try await t.unblock()
                try t.expect(producer.state == .running, "the producer was not resumed")
            },
            Check("room that is made inside the pause resumes its producer") { t in
                guard t.subject.takeAtOnce != nil else { throw NotApplicable("nothing can be taken inside a signal") }
                try await notNested(t) { $0.takeAtOnce() }
            },
            Check("a hold that goes inside the pause resumes its producer") { t in
                guard t.subject.hold != nil else { throw NotApplicable("it cannot be held") }
                try await notNested(t) { try? $0.release() }
            },
            Check("a pull producer is asked after a hold under which the level fell") { t in
                let producer = try t.pull()
                try t.hold()
                t.write(t.subject.leastWeight)
                await t.drainAll()
                await t.settle()
                try t.expect(producer.questions, 1, "the questions under the hold")
                try t.release()
                await t.settle()
                try t.expect(producer.questions, 2, "the questions after the hold")
            },
            Check("in a random order of calls", times: options.randomOrders) { t in
                try await RandomOrder(t).run()
            },
        ]
    }

    static func waitingHasAName() -> [Check] {
        func reasons(_ t: Trial) -> String { t.snapshot.waits.map(\.description).joined(separator: "; ") }
        return [
            Check("a hold is named, with its age") { t in
                _ = try t.push()
                try t.expect(t.snapshot.waits.count, 0, "the reasons to wait, when there is none")
                try t.hold("the reason")
                let time = Duration.milliseconds(t.clock.isReal ? 5 : 3000)
                await t.clock.advance(time)
                guard let wait = t.snapshot.waits.first(where: { $0.reason.contains("the reason") }) else {
                    throw TrialFailure("the hold is not among the reasons to wait: \(reasons(t))")
                }
                try t.expect(
                    t.clock.isReal ? wait.age >= time : wait.age == time,
                    "the age of the hold: expected \(time), but it was \(wait.age)"
                )
                try t.release("the reason")
                await t.settle()
                try t.expect(t.snapshot.waits.count, 0, "the reasons to wait, when the hold is gone")
            },
            Check("a level above the marks is a reason to wait, with its age") { t in
                _ = try t.push()
                try await t.fill()
                let time = Duration.milliseconds(t.clock.isReal ? 5 : 3000)
                await t.clock.advance(time)
                guard let wait = t.snapshot.waits.first else {
                    throw TrialFailure("it is full, and there is no reason to wait")
                }
                try t.expect(!wait.reason.isEmpty, "the reason has no name")
                try t.expect(
                    t.clock.isReal ? wait.age >= time : wait.age == time,
                    "the age of the reason: expected \(time), but it was \(wait.age)"
                )
                try await t.unblock()
                try t.expect(t.snapshot.waits.count, 0, "the reasons to wait, when there is room")
            },
            Check("a pull producer that owes an answer is a reason to wait") { t in
                _ = try t.pull()
                try t.expect(!t.snapshot.waits.isEmpty, "a question is open, and there is no reason to wait")
            },
        ]
    }
}
