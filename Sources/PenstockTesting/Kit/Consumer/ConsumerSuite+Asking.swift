import Penstock

/// C5: pull producers.
extension ConsumerSuite {
    static func oneQuestion() -> [Check] {
        [
            Check("the next question comes only after the answer") { t in
                t.write(t.subject.leastWeight)
                t.write(t.subject.leastWeight)
                await t.clock.runTurn()
                _ = try t.pull()
                try t.expectSignals("ask", "registration")
                for _ in 0..<5 { await t.clock.runTurn() }
                await t.drainAll()
                await t.settle()
                try t.expectSignals("", "turns without an answer")
                t.write(t.subject.leastWeight)
                await t.settle()
                try t.expectSignals("ask", "the answer")
            },
            Check("room that comes and goes asks nothing more") { t in
                _ = try t.pull()
                try t.expectSignals("ask", "registration")
                for _ in 0..<3 {
                    try t.hold()
                    try t.release()
                    await t.settle()
                }
                try t.expectSignals("", "holds that come and go")
            },
            Check("an answer inside the question is one answer") { t in
                let producer = StrictPullProducer(recorder: t.log)
                var left = 3
                producer.onAsk = { [unowned t] in
                    guard left > 0 else { return }
                    left -= 1
                    t.write(t.subject.leastWeight)
                }
                try t.register(producer)
                await t.settle()
                try t.expect(producer.questions, 4, "the questions for three answers")
            },
        ]
    }

    static func whenAsked() -> [Check] {
        [
            Check("it is asked until the level is above the low mark") { t in
                try t.requireExact()
                let producer = StrictPullProducer(recorder: t.log)
                producer.onAsk = { [unowned t] in if producer.questions < 200 { t.write() } }
                try t.register(producer)
                await t.settle()
                try t.expect(producer.questions, t.marks.low / t.unit + 1, "the questions")
                try t.expect(t.snapshot.level, t.level, "the level")
                _ = t.newSignals()
                producer.onAsk = nil
                try await t.drain(t.unit)
                await t.settle()
                let isLow = t.level <= t.marks.low
                try t.expectSignals(isLow ? "ask" : "", "a drain to a level of \(t.level)")
            },
            Check("it is not asked under a hold") { t in
                let producer = try t.pull()
                try t.hold()
                t.write(t.subject.leastWeight)
                await t.drainAll()
                await t.settle()
                try t.expect(producer.questions, 1, "the questions under a hold")
                try t.release()
                await t.settle()
                try t.expect(producer.questions, 2, "the questions after it")
            },
            Check("it is asked while there is no room, once there is") { t in
                try await t.fill()
                let producer = try t.pull()
                await t.settle()
                try t.expect(producer.questions, 0, "the questions without room")
                await t.drainAll()
                await t.settle()
                try t.expect(producer.questions, 1, "the questions with room")
            },
            Check("it is not asked after the end") { t in
                let producer = try t.pull()
                t.abort()
                t.write(t.subject.leastWeight)
                await t.settle()
                try t.expect(producer.questions, 1, "the questions")
            },
            Check("it is not asked behind an error") { t in
                try await t.fill()
                let producer = try t.pull()
                t.fail(CheckError())
                await t.drainAll()
                await t.settle()
                try t.expect(producer.questions, 0, "the questions")
            },
            Check("it is asked while finishing") { t in
                let producer = try t.pull()
                t.finish()
                t.write(t.subject.leastWeight)
                await t.settle()
                try t.expect(producer.questions, 2, "the questions")
                try await t.conclude()
            },
            Check("higher marks ask at once") { t in
                try t.requireExact()
                try await t.fill()
                let producer = try t.pull()
                try t.setMarks(t.level, t.level * 2)
                await t.settle()
                try t.expect(producer.questions, 1, "the questions")
            },
        ]
    }

    static func answeringLater() -> [Check] {
        [
            Check("a late answer brings the next question at its tail") { t in
                _ = try t.pull()
                for _ in 0..<3 { await t.clock.runTurn() }
                try t.expectSignals("ask", "registration")
                t.write(t.subject.leastWeight)
                try t.expectSignals("ask", "the late answer")
                for _ in 0..<3 { await t.clock.runTurn() }
                t.write(t.subject.leastWeight)
                try t.expectSignals("ask", "the second late answer")
            },
            Check("a producer without an answer does not make the loop spin") { t in
                guard !t.clock.isReal else { throw NotApplicable("its loop has other things to do") }
                _ = try t.pull()
                await t.settle()
                let before = t.log.calls.count
                for _ in 0..<20 { await t.clock.runTurn() }
                try t.expect(t.log.calls.count, before, "the calls recorded")
            },
            Check("the question after a late answer is not nested") { t in
                let producer = try t.pull()
                var depth = 0
                var deepest = 0
                var left = 10
                producer.onAsk = { [unowned t] in
                    depth += 1
                    deepest = max(deepest, depth)
                    if left > 0 {
                        left -= 1
                        t.write(t.subject.leastWeight)
                    }
                    depth -= 1
                }
                await t.clock.runTurn()
                t.write(t.subject.leastWeight)
                await t.drainAll()
                await t.settle()
                try t.expect(deepest, 1, "the questions inside one another")
                try t.expect(left, 0, "the answers that were not asked for")
            },
        ]
    }

    static func emptyAnswer() -> [Check] {
        [
            Check("an empty answer inside the question is followed by a question on a later turn") { t in
                guard t.subject.empty != nil else { throw NotApplicable("it has no element without content") }
                let producer = StrictPullProducer(recorder: t.log)
                producer.onAsk = { [unowned t] in if producer.questions == 1 { _ = try? t.writeEmpty() } }
                try t.register(producer)
                try t.expect(producer.questions, 1, "the questions in the same turn")
                await t.settle()
                try t.expect(producer.questions, 2, "the questions on later turns")
            },
            Check("a late empty answer is followed by a question on a later turn") { t in
                let producer = try t.pull()
                await t.settle()
                try t.writeEmpty()
                try t.expect(producer.questions, 1, "the questions in the same turn")
                await t.settle()
                try t.expect(producer.questions, 2, "the questions on later turns")
            },
            Check("many empty answers, each on a turn of its own") { t in
                guard t.subject.empty != nil else { throw NotApplicable("it has no element without content") }
                let producer = StrictPullProducer(recorder: t.log)
                producer.onAsk = { [unowned t] in if producer.questions < 5 { _ = try? t.writeEmpty() } }
                try t.register(producer)
                await t.settle()
                try t.expect(producer.questions, 5, "the questions")
            },
            Check("an empty answer and unregistering") { t in
                let producer = try t.pull()
                try t.writeEmpty()
                t.unregister()
                await t.settle()
                try t.expect(producer.questions, 1, "the questions")
            },
            Check("an empty element without an open question asks nothing") { t in
                guard t.subject.empty != nil else { throw NotApplicable("it has no element without content") }
                try await t.block()
                let producer = try t.pull()
                try t.writeEmpty()
                await t.settle()
                try t.expect(producer.questions, 0, "the questions without room")
            },
        ]
    }

    static func sharesTheLoop() -> [Check] {
        [
            Check("a producer that always has an answer does not hold the loop") { t in
                if t.isExact, t.subject.takeAtOnce == nil {
                    throw NotApplicable("nothing can be taken inside a signal")
                }
                if case .everything = t.subject.draining { throw NotApplicable("nothing can be taken inside a signal") }
                let turn = t.clock.scheduler.turn
                let settings = (turn.weightPerTurn, turn.leastShare)
                defer { (turn.weightPerTurn, turn.leastShare) = settings }
                (turn.weightPerTurn, turn.leastShare) = (t.unit * 20, t.unit * 20)
                let producer = StrictPullProducer(recorder: t.log)
                producer.onAsk = { [unowned t] in
                    guard producer.questions < 500 else { return t.unregister() }
                    t.write()
                    if t.isExact { t.takeAtOnce() }
                }
                try t.register(producer)
                try t.expect(producer.questions <= 25, "\(producer.questions) questions in one turn whose share are 20")
                var before = producer.questions
                for _ in 0..<10 {
                    await t.clock.runTurn()
                    let asked = producer.questions - before
                    before = producer.questions
                    try t.expect(asked <= 25 || t.clock.isReal, "\(asked) questions in one turn whose share are 20")
                }
                await t.settle()
                try t.expect(producer.questions, 500, "the questions after many turns")
            },
            Check("a producer that always refills does not hold the loop") { t in
                guard t.isExact, t.subject.takeAtOnce != nil else {
                    throw NotApplicable("nothing can be taken inside a signal")
                }
                let producer = try t.push()
                var rounds = 0
                producer.onResume = { [unowned t] in
                    rounds += 1
                    if rounds < 100 { t.write(t.marks.high + t.unit) }
                }
                producer.onPause = { [unowned t] in t.takeAtOnce() }
                t.write(t.marks.high + t.unit)
                try t.expect(rounds <= 20, "\(rounds) refills in one turn")
                await t.settle()
                try t.expect(rounds, 100, "the refills after many turns")
            },
        ]
    }
}
