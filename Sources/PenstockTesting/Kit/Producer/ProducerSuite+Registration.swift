import Penstock

/// C1 and C2: how a producer comes and goes.
extension ProducerSuite {
    typealias Check = ConformanceCheck<ProducerTrial<Element>>

    var oneProducer: [Check] {
        [
            Check("it registers once") { trial in
                try trial.start()
                try await trial.takeAll()
                let calls = trial.probe.registrations.count
                try trial.expect(calls == 1, "it registered \(calls) times")
                try trial.expect(
                    !trial.calls.contains("already registered"),
                    "it registered although it was registered"
                )
            },
            Check("a consumer that has a producer refuses it, and nothing changes") { trial in
                let other = StrictProducer(recorder: trial.recorder, name: "other")
                let consumer = try trial.makeProbe(wanting: .max)
                try consumer.registerProducer(other)
                let refusal = try trial.refusal(by: consumer)
                try trial.expect(refusal == .alreadyRegistered, "it threw \(refusal.map { "\($0)" } ?? "nothing")")
                try await trial.settle()
                try trial.expect(consumer.isRegistered(other), "the first producer is registered no more")
                try trial.expect(other.signals.isEmpty && consumer.end == nil, "the first producer was told something")
                try trial.expect(consumer.received.isEmpty, "it wrote although it was refused")
                let said = consumer.finishes + consumer.aborts + consumer.failures.count + consumer.unregistrations
                try trial.expect(said == 0, "it called the consumer that had refused it")
                try trial.expect(trial.results.isEmpty, "it told a result although no flow began")
            },
            Check("refused, it serves the next consumer") { trial in
                let other = StrictProducer(recorder: trial.recorder, name: "other")
                let consumer = try trial.makeProbe(wanting: .max)
                try consumer.registerProducer(other)
                _ = try trial.refusal(by: consumer)
                try trial.start()
                try await trial.takeAll()
                try trial.expectWhole()
            },
            Check("attached, it refuses another consumer, and goes on") { trial in
                try trial.needsResult()
                try trial.needs(4)
                try trial.start()
                trial.probe.want(1)
                let other = try trial.makeProbe(wanting: .max)
                let refusal = try trial.refusal(by: other)
                try trial.expect(refusal != nil, "it took a second consumer")
                try await trial.takeAll()
                try trial.expect(other.registrations.isEmpty && other.received.isEmpty, "it served two consumers")
                try trial.expectWhole()
            },
            Check("used up, it refuses another consumer") { trial in
                try trial.needsResult()
                try trial.start()
                try await trial.takeAll()
                let other = try trial.makeProbe(wanting: .max)
                let refusal = try trial.refusal(by: other)
                try await trial.settle()
                try trial.expect(refusal != nil, "it took a consumer although it has nothing more")
                try trial.expect(other.registrations.isEmpty, "it registered although it has nothing more")
            },
        ]
    }

    var kind: [Check] {
        [
            Check("it registers as what it is") { trial in
                try trial.start()
                try await trial.takeAll()
                let kinds = trial.probe.registrations
                let names = kinds.map { "\($0)" }.joined(separator: " and ")
                try trial.expect(
                    !kinds.isEmpty && kinds.allSatisfy { $0 == trial.subject.kind },
                    "it is a \(trial.subject.kind) producer and registered as \(names.isEmpty ? "nothing" : names)"
                )
            }
        ]
    }

    var afterTheEnd: [Check] {
        [EndReason.aborted, .finished, .cancelled].map { reason in
            Check("its consumer has ended before: \(reason.code)") { trial in
                trial.probe.end(reason)
                try await trial.startTooLate()
                guard try trial.alive().tellsResult, !reason.isOrderly else { return }
                let code = try trial.result().end.code
                try trial.expect(
                    code == reason.code,
                    "the consumer ended with '\(reason.code)', the result says '\(code)'"
                )
            }
        } + [
            Check("it keeps nothing of a consumer that had ended") { trial in
                var consumer: ProducerProbe<Element>? = try trial.makeProbe(wanting: .max)
                weak let observed = consumer
                consumer?.end(.aborted)
                if let consumer { try trial.start(into: consumer) }
                try await trial.settle()
                consumer = nil
                try trial.expect(observed == nil, "it holds the consumer")
            }
        ]
    }

    var whileEnding: [Check] {
        [
            Check("its consumer is finishing") { trial in
                trial.probe.beginFinishing()
                try await trial.startTooLate()
            }
        ]
    }

    var startsRunning: [Check] {
        [
            Check("paused at its registration, it writes nothing until the resume") { trial in
                try trial.needs(.push)
                try trial.start()
                try await trial.pass(.seconds(1))
                let count = trial.probe.received.count
                try trial.expect(count <= trial.subject.skid, "it wrote \(count) elements")
                try trial.expect(trial.probe.isRegistered, "it is registered no more")
                try await trial.takeAll()
                try trial.expectWhole()
            },
            Check("with room at its registration, it runs") { trial in
                try trial.needs(.push)
                trial.probe.want()
                try trial.start()
                try await trial.settle()
                try trial.expectWhole()
            },
        ]
    }

    var firstQuestion: [Check] {
        [
            Check("before its first question it writes nothing") { trial in
                try trial.needs(.pull)
                try trial.start()
                try await trial.pass(.seconds(1))
                try trial.expect(
                    trial.probe.received.isEmpty,
                    "it wrote \(trial.probe.received.count) elements unasked"
                )
                trial.probe.want(1)
                try await trial.settle()
                try trial.expect(trial.probe.received.count == 1, "it did not answer its first question")
            },
            Check("asked at its registration, it answers") { trial in
                try trial.needs(.pull)
                trial.probe.want(1)
                try trial.start()
                try await trial.settle()
                let count = trial.probe.received.count
                try trial.expect(count == 1, "it wrote \(count) elements to the question at its registration")
                try await trial.takeAll()
                try trial.expectWhole()
            },
        ]
    }

    var keeping: [Check] {
        [
            Check("registered, it holds its consumer") { trial in
                try trial.needs(4)
                var consumer: ProducerProbe<Element>? = try trial.makeProbe(wanting: 1)
                weak let observed = consumer
                if let consumer { try trial.start(into: consumer) }
                try await trial.settle()
                consumer = nil
                try await trial.settle()
                try trial.expect(observed != nil, "the consumer of a registered producer has gone")
                observed?.end(.aborted)
            },
            Check("after its end it has let go of its consumer") { trial in
                var consumer: ProducerProbe<Element>? = try trial.makeProbe(wanting: .max)
                weak let observed = consumer
                if let consumer { try trial.start(into: consumer) }
                try await trial.settle()
                try trial.expect(consumer?.isOver == true, "it has not unregistered")
                consumer = nil
                try trial.expect(observed == nil, "it still holds the consumer")
            },
            Check("stopped, it has let go of its consumer") { trial in
                try trial.needs(4)
                var consumer: ProducerProbe<Element>? = try trial.makeProbe(wanting: 2)
                weak let observed = consumer
                if let consumer { try trial.start(into: consumer) }
                try await trial.settle()
                consumer?.end(.aborted)
                try await trial.settle()
                consumer = nil
                try trial.expect(observed == nil, "it still holds the consumer")
            },
            Check("after its end nobody holds it") { trial in
                try trial.start()
                try await trial.takeAll()
                try trial.expect(try await trial.isForgotten(), "something still holds it")
            },
            Check("stopped, nobody holds it") { trial in
                try trial.needs(4)
                try trial.start()
                trial.probe.want(2)
                try await trial.settle()
                trial.probe.end(.aborted)
                try await trial.settle()
                try trial.expect(try await trial.isForgotten(), "something still holds it")
            },
        ]
    }

    var successors: [Check] {
        [
            Check("another producer registered inside its unregistration is left alone") { trial in
                let other = StrictProducer(recorder: trial.recorder, name: "other")
                let probe = trial.probe
                probe.onUnregister = { [unowned probe] in
                    probe.onUnregister = nil
                    try? probe.registerProducer(other)
                }
                try trial.start(.leaveOpen)
                try await trial.takeAll()
                try await trial.pass(.seconds(1))
                try trial.expect(
                    probe.isRegistered(other) && other.signals.isEmpty,
                    "the other producer is not left alone"
                )
            },
            Check("another producer can be registered when it tells its result") { trial in
                try trial.needsResult()
                let other = StrictProducer(recorder: trial.recorder, name: "other")
                let consumer = try trial.makeProbe(wanting: .max)
                try trial.alive().start(consumer, .leaveOpen) { [unowned consumer] _ in
                    try? consumer.registerProducer(other)
                }
                try await trial.pass(.seconds(1))
                try trial.expect(consumer.isRegistered(other), "the other producer is not registered")
                try trial.expect(consumer.end == nil && consumer.finishes == 0, "the consumer has ended")
            },
        ]
    }
}

extension ProducerTrial {
    /// Starts into a consumer that takes nothing any more, which stops the subject before the start returns.
    fileprivate func startTooLate() async throws {
        try start()
        probe.want()
        try await pass(.seconds(1))
        try expect(probe.refused == 0 && probe.received.isEmpty, "it wrote \(probe.refused) elements")
        try expect(probe.stops == 1, "it registered \(probe.stops) times with a consumer that stopped it")
        try expect(probe.failures.isEmpty && probe.aborts == 0, "it ended the consumer once more")
        guard try alive().tellsResult else { return }
        try expect(!(try result().isComplete), "its result says that it came to its end")
    }
}
