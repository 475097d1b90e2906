import Penstock

/// C6: the end.
extension ConsumerSuite {
    /// Ways to end a stream at once, with the code that its producer is told.
    private static var ends: [(words: String, code: String, end: (Trial) async throws -> Void)] {
        [
            ("an abort", "cancelled", { t in t.abort(.cancelled) }),
            ("an abort with an error", "failed", { t in t.abort(.failed(CheckError())) }),
            ("a failure", "failed", { t in t.fail(CheckError()) }),
            (
                "a loss", "lost",
                { t in
                    try await t.lose()
                    await t.settle()
                }
            ),
        ]
    }

    static func stoppedOnce() -> [Check] {
        var checks: [Check] = []
        for (words, code, end) in ends {
            checks.append(
                Check("\(words) stops a push producer once") { t in
                    let producer = try t.push()
                    try await end(t)
                    await t.settle()
                    if code != "lost" || producer.stopReason?.code == .lost {
                        try t.expect(t.newSignals().filter { !$0.hasPrefix("end") }, ["stop \(code)"], "the signals")
                    }
                    try t.expect(producer.signals, [.stop], "the signals")
                    t.abort()
                    t.fail(CheckError(name: "second"))
                    t.finish()
                    await t.settle()
                    try t.expect(producer.signals, [.stop], "the signals after more ends")
                }
            )
            checks.append(
                Check("\(words) stops a paused producer once") { t in
                    let producer = try t.push()
                    try await t.block()
                    try await end(t)
                    await t.settle()
                    try t.expect(producer.signals.filter { $0 == .stop }.count, 1, "the stops")
                    try t.expect(producer.signals.last, .stop, "the last signal")
                }
            )
            checks.append(
                Check("\(words) stops a pull producer once") { t in
                    let producer = try t.pull()
                    try await end(t)
                    await t.settle()
                    try t.expect(producer.state == .over, "the producer was not stopped")
                    try t.expect(t.calls.filter { $0.hasPrefix("stop") }.count, 1, "the stops")
                }
            )
            checks.append(
                Check("\(words) does not stop a producer that unregistered first") { t in
                    let push = try t.push("push")
                    t.unregister()
                    let pull = try t.pull("pull")
                    t.unregister()
                    try await end(t)
                    await t.settle()
                    try t.expect(push.signals, [], "the signals of the push producer")
                    try t.expect(pull.stopReason == nil, "the pull producer was stopped")
                }
            )
        }
        checks.append(
            Check("an orderly end stops nobody") { t in
                let producer = try t.push()
                t.finish()
                await t.settle()
                try t.expect(producer.signals, [], "the signals while finishing")
                t.unregister()
                await t.settle()
                try t.expectOver("the end")
                try t.expect(producer.signals, [], "the signals after the end")
            }
        )
        checks.append(
            Check("the reason carries the original error") { t in
                let producer = try t.push()
                t.fail(CheckError())
                try t.expect(producer.stopReason?.error as? CheckError, CheckError(), "the error in the reason")
            }
        )
        return checks
    }

    static func orderOfALoss() -> [Check] {
        let ways: [(words: String, end: (Trial) async throws -> Void)] = [
            ("a loss", { t in try await t.lose() }), ("an abort", { t in t.abort() }),
        ]
        return ways.flatMap { words, end in
            [
                Check("\(words): ended, then stopped, then dropped, then told") { t in
                    let producer = try t.push()
                    if case .never = t.subject.draining {} else { try await t.fill() }
                    let level = t.snapshot.level
                    var phase: FlowControl.Phase?
                    var kind: FlowControl.Kind?
                    var dropped: Int?
                    var toldBefore = 0
                    producer.onStop = { [unowned t] _ in
                        phase = t.snapshot.phase
                        kind = t.snapshot.kind
                        dropped = t.snapshot.delivery.dropped.elements
                        toldBefore = t.ends.count
                    }
                    var stoppedBefore = false
                    var levelWhenTold: Int?
                    var droppedWhenTold: Int?
                    t.onEnd = { [unowned t] in
                        stoppedBefore = producer.state == .over
                        levelWhenTold = t.snapshot.level
                        droppedWhenTold = t.snapshot.delivery.dropped.elements
                    }
                    try await end(t)
                    await t.settle()
                    try t.expect(phase, .ended, "the phase inside the stop")
                    try t.expect(kind, FlowControl.Kind.none, "the kind of producer inside the stop")
                    try t.expect(dropped, 0, "the elements dropped before the stop")
                    try t.expect(toldBefore, 0, "the ends that the owner was told before the stop")
                    if level > 0 {
                        try t.expect(
                            t.snapshot.delivery.dropped.elements > 0,
                            "nothing that was held is counted as dropped"
                        )
                    }
                    guard t.subject.observeEnd != nil else { return }
                    try t.expect(t.ends.count, 1, "the ends that the owner was told")
                    try t.expect(stoppedBefore, "the owner was told before the producer was stopped")
                    try t.expect(levelWhenTold, 0, "the level when the owner was told")
                    try t.expect(
                        droppedWhenTold,
                        t.snapshot.delivery.dropped.elements,
                        "the drops when the owner was told"
                    )
                },
                Check("\(words): nothing done inside the stop skips a later step") { t in
                    let producer = try t.push()
                    if case .never = t.subject.draining {} else { try await t.fill() }
                    var late: StrictProducer?
                    producer.onStop = { [unowned t] _ in
                        t.consumer.unregisterProducer()
                        late = try? t.push("late")
                        t.finish()
                        t.fail(CheckError())
                        t.abort()
                    }
                    try await end(t)
                    await t.settle()
                    try t.expect(late?.signals, [.stop], "the signals of a producer registered inside the stop")
                    try t.expect(producer.signals.filter { $0 == .stop }.count, 1, "the stops")
                    try t.expectOver("the end")
                    try t.expect(t.snapshot.level, 0, "the level")
                    if t.subject.observeEnd != nil { try t.expect(t.ends.count, 1, "the ends that the owner was told") }
                },
            ]
        }
    }

    static func graceful() -> [Check] {
        func isWaiting(_ t: Trial, _ what: String) async throws {
            await t.drainAll()
            await t.settle()
            try t.expect(t.snapshot.phase != .ended, "it ended, and did not wait for \(what)")
        }
        func deadline(_ t: Trial) throws -> (Duration?) -> Void {
            guard let finish = t.subject.finishWithin else { throw NotApplicable("its end has no deadline") }
            return { duration in
                t.log.record("finish within \(duration.map { "\($0)" } ?? "no deadline")")
                finish(duration)
            }
        }
        return [
            Check("it waits for a running producer, whose writes are taken") { t in
                _ = try t.push()
                t.write()
                t.finish()
                try await isWaiting(t, "the producer")
                try t.expect(t.write() != .closed, "a write while finishing was refused")
                t.unregister()
                try await t.conclude()
            },
            Check("it waits for a paused producer, and signals go on") { t in
                let producer = try t.push()
                try await t.block()
                t.finish()
                try await isWaiting(t, "the producer")
                try await t.unblock()
                try t.expect(producer.signals.filter { $0 == .stop }, [], "the stops")
                try t.expect(producer.state == .running, "the producer was not resumed while finishing")
                try await t.block()
                try await t.unblock()
                try t.expect(producer.state == .running, "the producer was not resumed while finishing")
                t.unregister()
                try await t.conclude()
            },
            Check("it waits for a pull producer") { t in
                _ = try t.pull()
                t.finish()
                try await isWaiting(t, "the producer")
                try t.expect(t.write(t.subject.leastWeight) != .closed, "a write while finishing was refused")
                t.unregister()
                try await t.conclude()
            },
            Check("it waits for what is held") { t in
                try t.requireExact()
                t.write()
                t.write()
                t.finish()
                await t.settle()
                try t.expect(t.snapshot.phase, .draining, "the phase")
                try await t.drain(t.unit)
                await t.settle()
                try t.expect(t.snapshot.phase, .draining, "the phase when one of two was taken")
                try t.expect(t.snapshot.delivery.dropped.elements, 0, "the elements dropped")
                try await t.drain(t.unit)
                await t.settle()
                try t.expectOver("the end")
            },
            Check("with nothing to wait for, it ends") { t in
                t.finish()
                await t.settle()
                try t.expectOver("the end")
            },
            Check("finishing twice is finishing once") { t in
                _ = try t.push()
                t.write()
                t.finish()
                t.finish()
                t.unregister()
                t.finish()
                try await t.conclude()
                t.finish()
                await t.settle()
                if t.subject.observeEnd != nil {
                    try t.expect(t.ends.map { $0.reason.code }, [.finished], "what the owner was told")
                }
            },
            Check("a deadline turns it into an abort") { t in
                let finish = try deadline(t)
                let producer = try t.push()
                finish(.milliseconds(20))
                await t.clock.advance(.milliseconds(5))
                if !t.clock.isReal { try t.expect(producer.signals, [], "the signals before the deadline") }
                t.isClosed = true
                t.mayDrop = true
                await t.clock.advance(.milliseconds(30))
                await t.settle()
                try t.expect(producer.stopReason?.code, .timedOut, "the code that the producer was stopped with")
                try t.expectOver("the end after the deadline")
                if t.subject.observeEnd != nil {
                    try t.expect(t.ends.map { $0.reason.code }, [.timedOut], "what the owner was told")
                }
            },
            Check("a deadline that was kept does nothing") { t in
                let finish = try deadline(t)
                _ = try t.push()
                t.write()
                finish(.milliseconds(20))
                t.unregister()
                await t.drainAll()
                await t.settle()
                t.isClosed = true
                await t.clock.advance(.milliseconds(40))
                await t.settle()
                try t.expectOver("the end")
                if t.subject.observeEnd != nil {
                    try t.expect(t.ends.map { $0.reason.code }, [.finished], "what the owner was told")
                }
            },
            Check("without a deadline it waits") { t in
                let finish = try deadline(t)
                let producer = try t.push()
                finish(nil)
                await t.clock.advance(t.clock.isReal ? .milliseconds(20) : .seconds(3600))
                await t.settle()
                try t.expect(producer.signals, [], "the signals")
                try t.expect(t.snapshot.phase, .finishing, "the phase")
            },
        ]
    }

    static func atOnce() -> [Check] {
        [
            Check("what is held is dropped and counted, and the producer is stopped before it returns") { t in
                let producer = try t.push()
                if case .never = t.subject.draining {} else { try await t.fill() }
                let before = t.snapshot
                t.abort(.cancelled)
                try t.expect(producer.state == .over, "the producer was not stopped before the abort returned")
                try t.expect(t.ends.count, 0, "the ends that the owner was told before the abort returned")
                try t.expect(t.snapshot.level, 0, "the level after the abort")
                if t.isExact {
                    try t.expect(t.snapshot.delivery.dropped.weight, before.level, "the weight dropped")
                    let elements = before.delivery.accepted.elements - t.subject.output().count
                    if t.takenWeight == 0 {
                        try t.expect(t.snapshot.delivery.dropped.elements, elements, "the elements dropped")
                    }
                }
                await t.settle()
                guard t.subject.observeEnd != nil else { return }
                try t.expect(t.ends.map { $0.reason.code }, [.cancelled], "what the owner was told on a later turn")
            },
            Check("it is idempotent") { t in
                let producer = try t.push()
                t.abort(.cancelled)
                t.abort()
                await t.settle()
                t.abort()
                t.finish()
                await t.settle()
                try t.expect(producer.signals, [.stop], "the signals")
                try t.expect(producer.stopReason?.code, .cancelled, "the code of the reason")
                guard t.subject.observeEnd != nil else { return }
                try t.expect(t.ends.map { $0.reason.code }, [.cancelled], "what the owner was told")
            },
            Check("it is never an orderly end") { t in
                guard t.subject.observeEnd != nil else { throw NotApplicable("its end cannot be observed") }
                t.abort(.finished)
                await t.settle()
                try t.expect(t.ends.map { $0.reason.isOrderly }, [false], "whether the owner was told an orderly end")
            },
            Check("while finishing") { t in
                let producer = try t.push()
                if case .never = t.subject.draining {} else { try await t.fill() }
                t.finish()
                t.abort()
                try t.expect(producer.state == .over, "the producer was not stopped")
                await t.settle()
                try t.expectOver("the end")
            },
            Check("while held elements go out") { t in
                try await t.fill()
                t.finish()
                t.abort()
                await t.settle()
                try t.expectOver("the end")
                try t.expect(t.snapshot.level, 0, "the level")
                if t.isExact { try t.expect(t.snapshot.delivery.dropped.weight, t.level, "the weight dropped") }
            },
            abort(inside: "a pause") { t in
                let producer = try t.push()
                producer.onPause = { [unowned t] in t.abort() }
                if t.subject.hold != nil {
                    try t.hold()
                } else {
                    for _ in 0..<t.patience where producer.state == .running {
                        t.write()
                        if !t.isExact { await t.settle() }
                    }
                }
            },
            abort(inside: "a resume") { t in
                let producer = try t.push()
                producer.onResume = { [unowned t] in t.abort() }
                try await t.block()
                try await t.unblock()
            },
            abort(inside: "a question") { t in
                let producer = StrictPullProducer(recorder: t.log)
                producer.onAsk = { [unowned t] in
                    t.write()
                    t.abort()
                }
                try t.register(producer)
            },
            abort(inside: "a stop") { t in
                let producer = try t.push()
                producer.onStop = { [unowned t] _ in t.abort(.cancelled) }
                t.abort()
            },
        ]
    }

    private static func abort(inside signal: String, _ body: @escaping (Trial) async throws -> Void) -> Check {
        Check("inside \(signal)") { t in
            try await body(t)
            try t.expect(t.snapshot.phase, .ended, "the phase after an abort inside \(signal)")
            await t.settle()
            try t.expect(t.calls.filter { $0.hasPrefix("stop") }, ["stop aborted"], "the stops")
            try t.expect(t.snapshot.level, 0, "the level")
            try t.expect(t.write(), .closed, "the answer to a write")
            guard t.subject.observeEnd != nil else { return }
            try t.expect(t.ends.map { $0.reason.code }, [.aborted], "what the owner was told")
        }
    }

    static func endTravels() -> [Check] {
        func told(_ t: Trial) throws {
            try t.expectOver("the end")
            guard t.subject.observeEnd != nil else { return }
            try t.expect(t.ends.map { $0.reason.code }, [.failed], "what the owner was told")
            try t.expect(t.ends.first?.reason.error as? CheckError, CheckError(), "the error that the owner was told")
        }
        return [
            Check("held elements go out first, then comes the error") { t in
                let producer = try t.push()
                try await t.fill()
                t.fail(CheckError())
                try t.expect(
                    producer.stopReason?.error as? CheckError,
                    CheckError(),
                    "the error that it was stopped with"
                )
                await t.clock.runTurn()
                if t.isExact {
                    try t.expect(t.snapshot.level, t.level, "the level behind the error")
                    try t.expect(t.ends.count, 0, "the ends told while elements are held")
                }
                await t.drainAll()
                await t.settle()
                try told(t)
                try t.expect(t.snapshot.delivery.dropped.elements, 0, "the elements dropped")
                // An error never looks like an orderly end, but everything went out before it.
                let expected = t.entries.flatMap(\.content)
                if t.isExact {
                    try t.expect(t.subject.output() == expected, "not everything came out before the error")
                }
            },
            Check("with nothing held it comes at once or on a later turn") { t in
                _ = try t.push()
                t.fail(CheckError())
                await t.settle()
                try told(t)
            },
            Check("with a pull producer") { t in
                let producer = try t.pull()
                t.fail(CheckError())
                await t.settle()
                try t.expect(
                    producer.stopReason?.error as? CheckError,
                    CheckError(),
                    "the error that it was stopped with"
                )
                try told(t)
            },
            Check("while finishing, it is still an error") { t in
                _ = try t.push()
                t.write()
                t.finish()
                t.fail(CheckError())
                await t.drainAll()
                await t.settle()
                try told(t)
            },
            Check("an orderly end is finished, without an error") { t in
                guard t.subject.observeEnd != nil else { throw NotApplicable("its end cannot be observed") }
                t.write()
                t.finish()
                await t.drainAll()
                await t.settle()
                try t.expect(t.ends.map { $0.reason.code }, [.finished], "what the owner was told")
                try t.expect(t.ends.first?.reason.error == nil, "an orderly end has an error")
            },
        ]
    }

    static func firstErrorWins() -> [Check] {
        func observed(_ t: Trial) throws {
            guard t.subject.observeEnd != nil else { throw NotApplicable("its end cannot be observed") }
        }
        func first(_ t: Trial, _ second: CheckError) throws {
            try t.expect(
                t.ends.map { $0.reason.error as? CheckError },
                [CheckError()],
                "the error that the owner was told"
            )
            guard t.subject.observeIgnoredEnd != nil else { return }
            try t.expect(
                t.ignoredEnds.contains { $0.error as? CheckError == second },
                "the second error was not reported"
            )
        }
        let second = CheckError(name: "second")
        return [
            Check("two failures, with elements held") { t in
                try observed(t)
                try await t.fill()
                t.fail(CheckError())
                t.fail(second)
                await t.drainAll()
                await t.settle()
                try first(t, second)
            },
            Check("two failures, with nothing held") { t in
                try observed(t)
                t.fail(CheckError())
                t.fail(second)
                await t.settle()
                try first(t, second)
            },
            Check("two aborts") { t in
                try observed(t)
                t.abort(.failed(CheckError()))
                t.abort(.failed(second))
                await t.settle()
                try first(t, second)
            },
            Check("an abort, and another after the end was told") { t in
                try observed(t)
                t.abort(.failed(CheckError()))
                await t.settle()
                t.abort(.failed(second))
                await t.settle()
                try first(t, second)
            },
            Check("an abort, then a failure") { t in
                try observed(t)
                t.abort(.failed(CheckError()))
                t.fail(second)
                await t.settle()
                try first(t, second)
            },
            Check("a failure, and another inside the stop") { t in
                try observed(t)
                let producer = try t.push()
                producer.onStop = { [unowned t] _ in t.fail(second) }
                t.fail(CheckError())
                await t.settle()
                try first(t, second)
            },
            Check("a failure after the orderly end changes nothing") { t in
                try observed(t)
                t.finish()
                await t.settle()
                t.fail(second)
                await t.settle()
                try t.expect(t.ends.map { $0.reason.code }, [.finished], "what the owner was told")
            },
        ]
    }

    static func toldOnce() -> [Check] {
        func told(_ name: String, _ code: EndReason.Code, _ body: @escaping (Trial) async throws -> Void) -> Check {
            Check(name) { t in
                guard t.subject.observeEnd != nil else { throw NotApplicable("its end cannot be observed") }
                try await body(t)
                await t.settle()
                try t.expect(t.ends.map { $0.reason.code }, [code], "what the owner was told")
                let delivery = t.snapshot.delivery
                try t.expect(t.ends.first?.delivery.accepted, delivery.accepted, "what it was told was accepted")
                try t.expect(t.ends.first?.delivery.dropped, delivery.dropped, "what it was told was dropped")
                // The trial compares the counts of the snapshot with what was written and what came out.
                try t.expect(delivery.accepted.elements > 0, "nothing is counted as accepted")
                t.abort()
                t.finish()
                t.fail(CheckError(name: "late"))
                await t.settle()
                try t.expect(t.ends.count, 1, "the ends that it was told, after more ends")
            }
        }
        return [
            told("the orderly end, with the delivery", .finished) { t in
                t.write()
                t.writeAll([t.unit, t.unit])
                t.finish()
                await t.drainAll()
            },
            told("the orderly end, when it had waited for a producer", .finished) { t in
                _ = try t.push()
                t.write()
                t.finish()
                await t.drainAll()
                t.unregister()
                await t.drainAll()
            },
            told("an error, with the delivery", .failed) { t in
                _ = try t.push()
                t.write()
                t.fail(CheckError())
                await t.drainAll()
            },
            told("an abort, with what was dropped", .cancelled) { t in
                if case .never = t.subject.draining { t.write() } else { try await t.fill() }
                t.abort(.cancelled)
            },
            Check("the owner is told what was refused until then") { t in
                guard t.subject.observeEnd != nil else { throw NotApplicable("its end cannot be observed") }
                try await t.fill()
                t.finish()
                try t.expect(t.write(), .closed, "the answer")
                await t.drainAll()
                await t.settle()
                try t.expect(t.ends.first?.delivery.refused.elements, 1, "the elements refused")
            },
        ]
    }
}
