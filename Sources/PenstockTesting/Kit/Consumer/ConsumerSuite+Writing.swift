import Penstock

/// C3: writing.
extension ConsumerSuite {
    static func alwaysTaken() -> [Check] {
        [
            Check("a write with room answers so") { t in
                try t.expect(t.write(t.subject.leastWeight), .room, "the answer")
                try t.expect(t.writeAll([t.unit, t.unit]), .room, "the answer to a sequence")
                try t.expect(t.snapshot.delivery.accepted.elements, 3, "the elements accepted")
            },
            Check("exactly at the high mark there is room, and above there is none") { t in
                try t.requireExact()
                try t.expect(t.write(t.marks.high), .room, "the answer at the high mark")
                try t.expect(t.write(t.subject.leastWeight), .full, "the answer above the high mark")
                try t.expect(t.snapshot.level, t.level, "the level")
            },
        ]
            + eachWay("what is written without room is taken") { t, obstacle in
                try await t.block(obstacle)
                let before = t.snapshot.delivery.accepted.elements
                try t.expect(t.write(), .full, "the answer without room")
                try t.expect(t.writeAll([t.unit, t.unit]), .full, "the answer to a sequence without room")
                try t.expect(t.snapshot.delivery.accepted.elements - before, 3, "the elements accepted without room")
                try await t.unblock()
                try t.expect(t.write(t.subject.leastWeight), .room, "the answer when there is room again")
            }
    }

    static func tooLate() -> [Check] {
        func refused(_ name: String, _ end: @escaping (Trial) async throws -> Void) -> Check {
            Check(name) { t in
                try await end(t)
                let before = t.snapshot
                try t.expect(t.write(), .closed, "the answer to a write")
                try t.expect(t.writeAll([t.unit, t.unit]), .closed, "the answer to a sequence")
                try t.expect(t.writeOnce([t.unit, t.unit]), .closed, "the answer to a sequence that can be read once")
                try t.expect(t.writeAll([]), .closed, "the answer to an empty sequence")
                if t.subject.empty != nil {
                    let refused = t.snapshot.delivery.refused
                    try t.expect(try t.writeEmpty(), .closed, "the answer to an element without content")
                    // It is counted or not: there is nothing in it.
                    t.refusedEmpty = t.snapshot.delivery.refused.elements - refused.elements
                }
                let after = t.snapshot
                let refused = after.delivery.refused.elements - before.delivery.refused.elements - t.refusedEmpty
                try t.expect(refused, 5, "the elements counted as refused")
                if t.isExact {
                    let weight = after.delivery.refused.weight - before.delivery.refused.weight
                    try t.expect(weight, 5 * t.unit, "the weight counted as refused")
                }
                try t.expect(after.delivery.accepted, before.delivery.accepted, "what is counted as accepted")
                try t.expect(after.level, before.level, "the level")
            }
        }
        return [
            refused("writing after an abort") { t in
                t.abort()
                await t.settle()
            },
            refused("writing after the orderly end") { t in
                t.write()
                t.finish()
                await t.drainAll()
                await t.settle()
            },
            refused("writing while held elements go out") { t in
                try await t.fill()
                t.finish()
            },
            refused("writing behind an error") { t in
                try await t.fill()
                t.fail(CheckError())
            },
        ]
    }

    static func everybodysWrites() -> [Check] {
        [
            Check("what is written without a producer counts") { t in
                try await t.fill()
                _ = t.newSignals()
                _ = try t.push()
                try t.expectSignals("pause", "registering when others have filled it")
            },
            Check("somebody else's write pauses the producer") { t in
                try t.requireExact()
                _ = try t.push()
                t.write(t.marks.high + t.subject.leastWeight)
                try t.expectSignals("pause", "a write by somebody else")
                try t.expect(t.snapshot.level, t.level, "the level")
            },
            Check("somebody else's write answers the question") { t in
                let producer = try t.pull()
                await t.settle()
                try t.expectSignals("ask", "registration")
                t.write(t.subject.leastWeight)
                await t.settle()
                try t.expectSignals("ask", "the question was answered by somebody else")
                try t.expect(producer.state == .asked, "there is no open question")
            },
        ]
    }

    static func nothingToQueue() -> [Check] {
        [
            Check("an empty element is not queued") { t in
                let before = t.snapshot
                try t.expect(try t.writeEmpty(), .room, "the answer with room")
                let after = t.snapshot
                try t.expect(after.level, before.level, "the level")
                try t.expect(after.delivery.accepted, before.delivery.accepted, "what is counted as accepted")
                await t.drainAll()
                await t.settle()
                try t.expect(t.subject.output(), [], "what came out")
            },
            Check("an empty element without room answers so and pauses nobody") { t in
                guard t.subject.empty != nil else { throw NotApplicable("it has no element without content") }
                _ = try t.push()
                try await t.block()
                try t.expect(try t.writeEmpty(), .full, "the answer without room")
                try t.expectSignals("", "an empty element")
            },
            Check("an empty element does not pause a producer that has room") { t in
                _ = try t.push()
                for _ in 0..<200 { try t.expect(try t.writeEmpty(), .room, "the answer with room") }
                await t.settle()
                try t.expectSignals("", "many empty elements")
            },
            Check("the lightest element is queued") { t in
                guard t.subject.empty != nil else { throw NotApplicable("it has no element without content") }
                t.write(t.subject.leastWeight)
                try t.expect(t.snapshot.delivery.accepted.elements, 1, "the elements accepted")
                await t.drainAll()
                await t.settle()
                try t.expect(t.subject.output().isEmpty, false, "whether nothing came out")
            },
        ]
    }

    static func oneDecision() -> [Check] {
        func sequence(_ name: String, _ write: @escaping (Trial, [Int]) -> WriteOutcome) -> Check {
            Check(name) { t in
                try t.requireExact()
                let weights = [t.marks.high, t.unit, t.unit, t.unit]
                let producer = try t.push()
                var levels: [Int] = []
                producer.onPause = { [unowned t] in
                    levels.append(t.snapshot.level)
                    t.write()
                }
                try t.expect(write(t, weights), .full, "the answer")
                try t.expectSignals("pause", "a sequence that fills it")
                try t.expect(levels, [weights.reduce(0, +)], "the level inside the pause")
                try t.expect(t.snapshot.delivery.accepted.elements, weights.count + 1, "the elements accepted")
            }
        }
        return [
            sequence("a sequence that fills it pauses once, when all of it counts") { $0.writeAll($1) },
            sequence("a sequence that can be read once arrives whole") { $0.writeOnce($1) },
            Check("an empty sequence changes nothing") { t in
                _ = try t.push()
                try t.expect(t.writeAll([]), .room, "the answer with room")
                try await t.block()
                try t.expect(t.writeAll([]), .full, "the answer without room")
                try t.expectSignals("", "an empty sequence")
                try await t.unblock()
                t.finish()
                t.unregister()
                await t.drainAll()
                await t.settle()
                try t.expect(t.writeAll([]), .closed, "the answer after the end")
            },
            Check("an empty sequence answers no question") { t in
                _ = try t.pull()
                t.writeAll([])
                await t.settle()
                try t.expectSignals("ask", "registration and an empty sequence")
            },
            Check("a sequence answers one question") { t in
                let producer = try t.pull()
                t.writeAll([t.subject.leastWeight, t.subject.leastWeight, t.subject.leastWeight])
                await t.settle()
                try t.expect(producer.questions, 2, "the questions")
            },
            Check("a sequence written without room arrives whole") { t in
                try await t.block()
                t.writeOnce([t.unit, t.unit, t.unit])
                try await t.unblock()
                try await t.conclude()
            },
        ]
    }

    static func largeElement() -> [Check] {
        [
            Check("a push producer that writes one heavier than the high mark goes on after it") { t in
                try t.requireExact()
                let producer = try t.push()
                for _ in 0..<3 {
                    try t.expect(t.write(t.marks.high * 3), .full, "the answer")
                    try t.expectSignals("pause", "a heavy element")
                    try t.expect(t.snapshot.level, t.level, "the level")
                    await t.drainAll()
                    await t.settle()
                    try t.expectSignals("resume", "the heavy element was taken")
                }
                try t.expect(producer.state == .running, "the producer is not running")
            },
            Check("a pull producer that answers with one heavier than the high mark is asked again") { t in
                let producer = try t.pull()
                for round in 1...3 {
                    try t.expect(producer.questions, round, "the questions")
                    t.write(max(t.marks.high, t.unit) * 3)
                    await t.drainAll()
                    await t.settle()
                }
                try t.expect(producer.questions, 4, "the questions")
            },
            Check("one is taken when it is full already") { t in
                try await t.block()
                let before = t.snapshot.delivery.accepted.elements
                try t.expect(t.write(t.marks.high * 2), .full, "the answer")
                try t.expect(t.snapshot.delivery.accepted.elements, before + 1, "the elements accepted")
                try await t.unblock()
                try await t.conclude()
            },
            Check("one in a sequence is taken") { t in
                t.writeAll([t.unit, t.marks.high * 2, t.unit])
                try t.expect(t.snapshot.delivery.accepted.elements, 3, "the elements accepted")
                try await t.conclude()
            },
        ]
    }

    static func order(_ options: KitOptions) -> [Check] {
        [
            Check("elements come out in the order of the calls") { t in
                for round in 1...4 {
                    t.write(t.unit)
                    t.writeAll([t.unit, t.unit + round, t.unit])
                    await t.settle()
                    t.write(t.marks.high)
                    if round % 2 == 0 { await t.drainAll() }
                }
                try await t.conclude()
            },
            Check("what is written inside a signal comes behind the write that it is part of") { t in
                let producer = try t.push()
                producer.onPause = { [unowned t] in t.write() }
                producer.onResume = { [unowned t] in t.write() }
                for _ in 0..<3 {
                    try await t.block()
                    try await t.unblock()
                }
                try await t.conclude()
            },
            Check("in a random order of calls", times: options.randomOrders) { t in
                try await RandomOrder(t).run()
            },
        ]
    }
}
