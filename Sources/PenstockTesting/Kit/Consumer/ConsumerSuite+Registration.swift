import Penstock

/// C1: registration.
extension ConsumerSuite {
    static func oneProducer() -> [Check] {
        func refusal(_ name: String, _ second: @escaping (Trial) throws -> Void) -> Check {
            Check(name) { t in
                let first = try t.push("first")
                do {
                    try second(t)
                    throw TrialFailure("the second registration was not refused")
                } catch let error as RegistrationError {
                    try t.expect(error, .alreadyRegistered, "the error of the registration")
                }
                await t.settle()
                try t.expectSignals("", "a refused registration")
                try await t.block()
                try t.expect(first.state == .paused, "the first producer is not regulated any more")
                try await t.unblock()
                try t.expect(first.state == .running, "the first producer was not resumed")
                t.abort()
                try t.expect(first.state == .over, "the first producer was not stopped")
            }
        }
        let pairs: [Check] = [
            refusal("a push producer while one is registered") { t in
                let second = StrictProducer(recorder: t.log, name: "second")
                defer { second.unregistered() }
                try t.register(second, "second")
            },
            refusal("a pull producer while a push producer is registered") { t in
                let second = StrictPullProducer(recorder: t.log, name: "second")
                defer { second.unregistered() }
                try t.register(second, "second")
            },
            refusal("the same producer again") { t in
                guard case .push(let producer) = t.registered else { return }
                try t.register(producer, "first")
            },
        ]
        return pairs + [
            Check("a producer while a pull producer is registered") { t in
                let first = try t.pull("first")
                try t.expectSignals("first: ask", "registration")
                for second in ["push", "pull"] {
                    do {
                        _ = second == "push" ? try t.push("second").state == .over : try t.pull("second").state == .over
                        throw TrialFailure("the second registration was not refused")
                    } catch let error as RegistrationError {
                        try t.expect(error, .alreadyRegistered, "the error of the registration")
                    }
                }
                await t.settle()
                try t.expectSignals("", "a refused registration")
                t.abort()
                try t.expect(first.state == .over, "the first producer was not stopped")
            },
            Check("a producer while the registered one is paused") { t in
                let first = try t.push("first")
                try await t.block()
                let second = StrictProducer(recorder: t.log, name: "second")
                do {
                    try t.register(second, "second")
                    throw TrialFailure("the second registration was not refused")
                } catch is RegistrationError {
                    second.unregistered()
                }
                try await t.unblock()
                try t.expect(first.state == .running, "the first producer was not resumed")
            },
        ]
    }

    static func pushOrPull() -> [Check] {
        [
            Check("an object that is both, registered as a push producer") { t in
                let both = BothKinds()
                t.log.record("register push")
                do { try t.consumer.registerProducer(both as any PushProducer) } catch {
                    throw TrialFailure("the registration was refused: \(error)")
                }
                await t.settle()
                try t.expect(both.signals, [], "the signals of a push producer that has room")
                try await t.block()
                try t.expect(both.signals.last, "pause", "the last signal when there is no room")
                try await t.unblock()
                try t.expect(both.signals.last, "resume", "the last signal when there is room again")
                t.consumer.unregisterProducer()
            },
            Check("an object that is both, registered as a pull producer") { t in
                let both = BothKinds()
                t.log.record("register pull")
                do { try t.consumer.registerProducer(both as any PullProducer) } catch {
                    throw TrialFailure("the registration was refused: \(error)")
                }
                try t.expect(both.signals, ["resume"], "the signals of a pull producer that has room")
                try await t.block()
                await t.settle()
                try t.expect(!both.signals.contains("pause"), "it was paused, as if it were a push producer")
                t.consumer.unregisterProducer()
            },
        ]
    }

    static func afterTheEnd() -> [Check] {
        func newcomers(_ t: Trial, _ code: String) async throws {
            _ = t.newSignals()
            let first = try t.push("push")
            try t.expectSignals("push: stop \(code)", "registering a push producer after the end")
            try t.expect(first.stopReason != nil, "there was no reason")
            _ = try t.pull("pull")
            try t.expectSignals("pull: stop \(code)", "registering a pull producer after the end")
            await t.settle()
            try t.expectSignals("", "later turns")
        }
        return [
            Check("registering after an abort") { t in
                t.abort(.cancelled)
                await t.settle()
                try await newcomers(t, "cancelled")
            },
            Check("registering after an orderly end") { t in
                t.finish()
                await t.settle()
                try t.expectOver("the orderly end")
                try await newcomers(t, "finished")
            },
            Check("nothing is kept after the end") { t in
                t.abort()
                await t.settle()
                weak var kept: BothKinds?
                do {
                    let producer = BothKinds()
                    kept = producer
                    try t.consumer.registerProducer(producer as any PushProducer)
                    try t.expect(producer.signals, ["stop"], "the signals of a producer registered after the end")
                }
                await t.settle()
                try t.expect(kept == nil, "the producer was kept")
                try t.expect(t.snapshot.kind == .none, "there is a producer after the end")
            },
        ]
    }

    static func beforeTheConnection() -> [Check] {
        func connecting(_ t: Trial) throws {
            guard t.subject.connect != nil else { throw NotApplicable("it is open from the beginning") }
        }
        return [
            Check("a push producer, filled before the connection") { t in
                try connecting(t)
                let producer = try t.push()
                try t.expectSignals("", "registration while connecting")
                try await t.fill()
                try t.expectSignals("pause", "filling it while connecting")
                await t.connect()
                await t.drainAll()
                await t.settle()
                try t.expect(producer.state == .running, "the producer was not resumed after the connection")
            },
            Check("a pull producer is asked when the connection stands") { t in
                try connecting(t)
                let producer = try t.pull()
                await t.settle()
                try t.expectSignals("", "registration while connecting")
                await t.connect()
                await t.settle()
                try t.expect(producer.questions, 1, "the questions after the connection")
                t.write()
            },
            Check("a finish before the connection waits for it, with nothing held") { t in
                try connecting(t)
                t.finish()
                await t.settle()
                try t.expect(t.snapshot.phase != .ended, "it ended before it was connected")
                await t.connect()
                await t.settle()
                try t.expectOver("the end")
            },
            Check("a finish before the connection waits for it") { t in
                try connecting(t)
                t.write()
                t.finish()
                await t.settle()
                try t.expect(t.snapshot.phase != .ended, "it ended before it was connected")
                await t.connect()
                await t.drainAll()
                await t.settle()
                try t.expectOver("the end")
            },
        ]
    }

    static func whileEnding() -> [Check] {
        [
            Check("registering while a producer is still registered after finish") { t in
                let first = try t.push("first")
                t.finish()
                let second = try t.push("second")
                try t.expectSignals("second: stop finished", "registering while finishing")
                _ = try t.pull("third")
                try t.expectSignals("third: stop finished", "registering while finishing")
                try t.expect(second.state == .over && first.state == .running, "the first producer was touched")
                try t.expect(t.write() != .closed, "a write of the first producer was refused")
                try await t.conclude()
            },
            Check("registering while held elements go out") { t in
                try await t.fill()
                t.finish()
                _ = t.newSignals()
                _ = try t.push("push")
                try t.expectSignals("push: stop finished", "registering a push producer while draining")
                _ = try t.pull("pull")
                try t.expectSignals("pull: stop finished", "registering a pull producer while draining")
                await t.drainAll()
                await t.settle()
                try t.expectOver("the end")
            },
        ]
    }

    static func startsRunning() -> [Check] {
        [
            Check("registration with room") { t in
                _ = try t.push()
                await t.settle()
                try t.expectSignals("", "registration")
                t.write(t.subject.leastWeight)
                await t.settle()
                try t.expectSignals("", "a light write")
            },
            Check("registration with the level at the high mark") { t in
                try t.requireExact()
                t.write(t.marks.high)
                _ = try t.push()
                await t.settle()
                try t.expectSignals("", "registration with the level at the high mark")
            },
        ]
            + eachWay("registration without room") { t, obstacle in
                try await t.block(obstacle)
                _ = try t.push()
                try t.expectSignals("pause", "registration without room")
                await t.settle()
                try t.expectSignals("", "later turns")
                try await t.unblock()
                try t.expectSignals("resume", "room again")
            }
    }

    static func firstAsked() -> [Check] {
        [
            Check("an empty consumer asks before the registration returns") { t in
                _ = try t.pull()
                try t.expectSignals("ask", "registration")
                await t.settle()
                try t.expectSignals("", "later turns")
            },
            Check("at the low mark it asks") { t in
                try t.requireExact()
                t.write(t.marks.low)
                _ = try t.pull()
                try t.expectSignals("ask", "registration with the level at the low mark")
            },
            Check("above the low mark it asks once the level has fallen") { t in
                try t.requireExact()
                let light = t.subject.leastWeight
                t.write(light)
                t.write(light)
                t.write(t.marks.low - light)
                _ = try t.pull()
                await t.settle()
                try t.expectSignals("", "registration above the low mark")
                try await t.drain(light)
                try t.expectSignals("ask", "the level has fallen to the low mark")
            },
        ]
            + eachWay("without room it asks once there is") { t, obstacle in
                try await t.block(obstacle)
                let producer = try t.pull()
                await t.settle()
                try t.expectSignals("", "registration without room")
                try await t.unblock()
                try t.expect(producer.questions, 1, "the questions when there is room")
            }
    }

    static func whoKeepsWhom() -> [Check] {
        func kept(_ t: Trial, _ asPush: Bool, then release: @escaping (Trial) async throws -> Void) async throws {
            weak var kept: BothKinds?
            do {
                let producer = BothKinds()
                kept = producer
                if asPush {
                    try t.consumer.registerProducer(producer as any PushProducer)
                } else {
                    try t.consumer.registerProducer(producer as any PullProducer)
                }
            }
            await t.settle()
            try t.expect(kept != nil, "the producer was not kept while it was registered")
            try await release(t)
            await t.settle()
            try t.expect(kept == nil, "the producer was kept after its registration")
        }
        return [true, false].flatMap { asPush in
            let kind = asPush ? "push" : "pull"
            return [
                Check("a \(kind) producer is kept until it unregisters") { t in
                    try await kept(t, asPush) { t in t.consumer.unregisterProducer() }
                },
                Check("a \(kind) producer is kept until an abort") { t in
                    try await kept(t, asPush) { t in t.abort() }
                },
                Check("a \(kind) producer is kept until a failure") { t in
                    try await kept(t, asPush) { t in t.fail(CheckError()) }
                },
            ]
        }
    }
}

/// A producer of both kinds, which the trial does not keep.
final class BothKinds: PushProducer, PullProducer {
    var signals: [String] = []

    func pauseProducing() { signals.append("pause") }
    func resumeProducing() { signals.append("resume") }
    func stopProducing(_ reason: EndReason) { signals.append("stop") }
}

@available(*, unavailable)
extension BothKinds: Sendable {}
