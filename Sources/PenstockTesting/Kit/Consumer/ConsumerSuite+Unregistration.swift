import Penstock

/// C2: unregistration.
extension ConsumerSuite {
    static func silent() -> [Check] {
        eachWay("a paused producer that unregisters hears nothing more") { t, obstacle in
            _ = try t.push()
            try await t.block(obstacle)
            t.unregister()
            try await t.unblock()
            try t.expectSignals("", "unregistering, and room after it")
        } + [
            Check("a running producer that unregisters hears nothing more") { t in
                _ = try t.push()
                t.unregister()
                await t.settle()
                try t.expectSignals("", "unregistering")
                try await t.block()
                try await t.unblock()
                try t.expectSignals("", "after it")
            },
            Check("a pull producer that unregisters hears nothing more") { t in
                _ = try t.pull()
                try t.expectSignals("ask", "registration")
                t.unregister()
                t.write()
                await t.drainAll()
                await t.settle()
                try t.expectSignals("", "after unregistering")
            },
            Check("unregistering when nobody is registered does nothing") { t in
                t.unregister()
                t.write()
                t.unregister()
                await t.settle()
                try t.expect(t.snapshot.phase, .open, "the phase")
                if t.isExact { try t.expect(t.snapshot.level, t.level, "the level") }
                _ = try t.push()
                t.unregister()
                t.unregister()
                _ = try t.push("second")
                await t.settle()
                try t.expectSignals("", "unregistering when nobody is registered")
            },
        ]
    }

    static func legalEverywhere() -> [Check] {
        eachWay("a successor inside a pause") { t, obstacle in
            let first = try t.push("first")
            var successor: StrictProducer?
            first.onPause = { [unowned t, unowned first] in
                first.onPause = nil
                t.unregister()
                successor = try? t.push("second")
            }
            // The first may be gone when it is full.
            if obstacle == .hold { try t.hold("obstacle") } else { try await t.fill() }
            let second = try t.some(successor)
            try t.expect(second.state == .paused, "the successor was not paused although there is no room")
            try await t.unblock()
            try t.expect(second.state == .running, "the successor was not resumed")
            try t.expect(first.signals, [.pause], "the signals of the first producer")
        } + [
            Check("a successor inside a resume") { t in
                let first = try t.push("first")
                var successor: StrictProducer?
                first.onResume = { [unowned t] in
                    t.unregister()
                    successor = try? t.push("second")
                }
                try await t.block()
                try await t.unblock()
                let second = try t.some(successor)
                try t.expect(second.signals, [], "the signals of the successor, which has room")
                try await t.block()
                try t.expect(second.state == .paused, "the successor is not regulated")
            },
            Check("a pull producer as a successor inside a resume") { t in
                let first = try t.push("first")
                var successor: StrictPullProducer?
                first.onResume = { [unowned t] in
                    t.unregister()
                    successor = try? t.pull("second")
                }
                try await t.block()
                try await t.unblock()
                let second = try t.some(successor)
                try t.expect(second.questions, 1, "the questions to the successor")
            },
            Check("a successor inside a question") { t in
                let first = StrictPullProducer(recorder: t.log, name: "first")
                var successor: StrictPullProducer?
                first.onAsk = { [unowned t] in
                    t.unregister()
                    successor = try? t.pull("second")
                }
                try t.register(first, "first")
                await t.settle()
                let second = try t.some(successor)
                try t.expect(second.questions, 1, "the questions to the successor")
                try t.expect(first.questions, 1, "the questions to the first")
            },
            Check("unregistering inside a question, with its answer") { t in
                let first = StrictPullProducer(recorder: t.log, name: "first")
                first.onAsk = { [unowned t] in
                    t.write()
                    t.unregister()
                }
                try t.register(first, "first")
                await t.settle()
                try t.expect(first.questions, 1, "the questions to a producer that unregistered")
                try t.expect(t.snapshot.kind == .none, "there is a producer still")
            },
            Check("unregistering and a successor inside a stop") { t in
                let first = try t.push("first")
                first.onStop = { [unowned t] _ in
                    t.consumer.unregisterProducer()
                    _ = try? t.push("second")
                }
                t.abort(.cancelled)
                let signals = t.newSignals().filter { !$0.hasPrefix("end") }
                try t.expect(signals, ["first: stop cancelled", "second: stop cancelled"], "the signals")
            },
            Check("unregistering and a successor when the owner is told the end") { t in
                guard t.subject.observeEnd != nil else { throw NotApplicable("its end cannot be observed") }
                t.onEnd = { [unowned t] in
                    t.consumer.unregisterProducer()
                    _ = try? t.push("late")
                }
                t.finish()
                await t.settle()
                try t.expectSignals("end finished > late: stop finished", "the end")
            },
        ]
    }

    static func cleanSlate() -> [Check] {
        eachWay("the next producer is paused by its registration") { t, obstacle in
            _ = try t.push("first")
            try await t.block(obstacle)
            t.unregister()
            _ = try t.push("second")
            try t.expectSignals("second: pause", "registration without room")
            try await t.unblock()
            try t.expectSignals("second: resume", "room again")
        }
            + eachWay("the next producer is not resumed, if there is room when it registers") { t, obstacle in
                _ = try t.push("first")
                try await t.block(obstacle)
                t.unregister()
                try await t.unblock()
                _ = try t.push("second")
                await t.settle()
                try t.expectSignals("", "registration with room")
                t.write(t.subject.leastWeight)
                await t.drainAll()
                await t.settle()
                try t.expectSignals("", "a light write that goes out")
            } + [
                Check("the next pull producer owes no answer of the last") { t in
                    _ = try t.pull("first")
                    t.unregister()
                    let second = try t.pull("second")
                    try t.expect(second.questions, 1, "the questions at the registration")
                }
            ]
    }

    static func endProceeds() -> [Check] {
        func over(_ t: Trial) async throws {
            await t.drainAll()
            await t.settle()
            try t.expectOver("the end")
            if t.subject.observeEnd != nil {
                try t.expect(t.ends.map { $0.reason.code }, [.finished], "what the owner was told")
            }
        }
        return [
            Check("finish, then unregister") { t in
                _ = try t.push()
                t.write()
                t.finish()
                t.unregister()
                try await over(t)
            },
            Check("unregister, then finish") { t in
                _ = try t.push()
                t.write()
                t.unregister()
                t.finish()
                try await over(t)
            },
            Check("finish, everything taken, then unregister") { t in
                _ = try t.push()
                t.write()
                t.finish()
                await t.drainAll()
                await t.settle()
                try t.expect(t.snapshot.phase, .finishing, "the phase while the producer is registered")
                t.unregister()
                try await over(t)
            },
            Check("finish, then unregister inside the own resume") { t in
                let producer = try t.push()
                producer.onResume = { [unowned t] in t.unregister() }
                try await t.block()
                t.finish()
                try await t.unblock()
                try await over(t)
            },
            Check("finish and unregister inside the own resume") { t in
                let producer = try t.push()
                producer.onResume = { [unowned t] in
                    t.finish()
                    t.unregister()
                }
                try await t.block()
                try await t.unblock()
                try await over(t)
            },
            Check("finish, then unregister inside the own pause") { t in
                let producer = try t.push()
                producer.onPause = { [unowned t] in t.unregister() }
                t.finish()
                if case .never = t.subject.draining { try t.hold("obstacle") } else { t.write(t.marks.high + t.unit) }
                await t.settle()
                if producer.state != .over { t.unregister() }
                if !t.holds.isEmpty { try t.release("obstacle") }
                try await over(t)
            },
            Check("a paused producer unregisters after finish") { t in
                _ = try t.push()
                try await t.block()
                t.finish()
                t.unregister()
                if !t.holds.isEmpty { try t.release("obstacle") }
                try await over(t)
            },
            Check("a pull producer unregisters inside its question after finish") { t in
                let producer = try t.pull()
                producer.onAsk = { [unowned t] in t.unregister() }
                t.finish()
                t.write(t.subject.leastWeight)
                await t.settle()
                try t.expect(producer.state == .over, "it was not asked again while finishing")
                try await over(t)
            },
        ]
    }

    static func goesOut() -> [Check] {
        func out(_ name: String, _ body: @escaping (Trial) async throws -> Void) -> Check {
            Check(name) { t in
                try await body(t)
                await t.drainAll()
                await t.settle()
                let delivery = t.snapshot.delivery
                try t.expect(delivery.dropped.elements, 0, "the elements dropped")
                try t.expect(delivery.accepted.elements, t.entries.count, "the elements accepted")
                let expected = t.entries.flatMap(\.content)
                try t.expect(t.subject.output() == expected, "what was written did not come out, or not all of it")
            }
        }
        return [
            out("writes and unregisters in one turn") { t in
                _ = try t.push()
                t.write()
                t.write()
                t.unregister()
            },
            out("writes, unregisters and finishes in one turn") { t in
                _ = try t.push()
                t.write()
                t.writeAll([t.unit, t.unit])
                t.unregister()
                t.finish()
            },
            out("fills it and unregisters inside the pause") { t in
                let producer = try t.push()
                producer.onPause = { [unowned t] in t.unregister() }
                try await t.fill()
            },
            out("answers a question and unregisters inside it") { t in
                let producer = StrictPullProducer(recorder: t.log)
                producer.onAsk = { [unowned t] in
                    t.write()
                    t.unregister()
                }
                try t.register(producer)
            },
        ]
    }
}

extension ConsumerTrial {
    /// A successor that must have been registered inside a callback.
    func some<Producer>(_ successor: Producer?) throws -> Producer {
        guard let successor else { throw TrialFailure("the callback did not come, or its registration was refused") }
        return successor
    }
}
