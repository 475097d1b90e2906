import Penstock

/// C8.1: both sides keep the contract.
extension StageSuite {
    var consumingSide: [Check] {
        [
            Check("its consuming side: it has one producer") { trial in
                let first = try trial.feed(.push, ending: .stay)
                for kind in Kind.allCases {
                    var refusal: RegistrationError?
                    do { try trial.feed(kind) } catch let error as RegistrationError { refusal = error }
                    try trial.expect(refusal == .alreadyRegistered, "it took a second producer")
                }
                try trial.expect(
                    trial.feeders.dropFirst().allSatisfy { $0.written == 0 },
                    "it called a refused producer"
                )
                try trial.attach()
                trial.probe.want()
                try await trial.settle()
                try trial.expect(first.written == trial.inputs.count, "the first producer has been forgotten")
            },
            Check("its consuming side: without a consumer it has no room") { trial in
                let push = try trial.feed(.push)
                try trial.expect(
                    push.pauses == 1 && push.written == 0,
                    "it has no consumer, and its push producer runs"
                )
                push.leave()
                let pull = try trial.feed(.pull)
                try await trial.settle()
                try trial.expect(pull.questions == 0, "it has no consumer, and asked its pull producer")
            },
            Check("its consuming side: it has room when its consumer has") { trial in
                try trial.attach()
                trial.probe.want()
                try await trial.reach()
                let push = try trial.feed(.push, [], ending: .stay)
                try trial.expect(push.pauses == 0, "it paused a producer that has written nothing")
                push.leave()
                let pull = try trial.feed(.pull, [], ending: .stay)
                try trial.expect(
                    pull.questions == 1,
                    "it asked its pull producer \(pull.questions) times at its registration"
                )
            },
            Check("its consuming side: it pauses once, inside the write that finds its consumer full") { trial in
                try trial.needs(4)
                try trial.attach()
                trial.probe.want(1)
                try await trial.reach()
                let feeder = try trial.feed(.push, ending: .stay)
                try trial.expect(
                    feeder.pauses == 1,
                    "its consumer is full, and it paused its producer \(feeder.pauses) times"
                )
                for input in trial.inputs.dropFirst(feeder.written).prefix(2) { try trial.stage.write(input) }
                try await trial.settle()
                try trial.expect(feeder.pauses == 1, "it paused its producer again, which was paused")
            },
            Check("its consuming side: it asks one question at a time") { trial in
                try trial.attach()
                trial.probe.want()
                let feeder = try trial.feed(.pull)
                try await trial.settle()
                let surplus = feeder.questions - feeder.written
                try trial.expect(surplus <= 1, "it asked \(feeder.questions) questions for \(feeder.written) inputs")
            },
            Check("its consuming side: it forgets a producer that unregisters") { trial in
                try trial.needs(4)
                try trial.attach()
                trial.probe.want(1)
                let first = try trial.feed(.push, ending: .stay)
                first.leave()
                trial.probe.want()
                try await trial.settle()
                try trial.feed(.pull, Array(trial.inputs.dropFirst(first.written)))
                try await trial.takeAll()
                try trial.expectWhole()
            },
            Check("its consuming side: finished, it stops a newcomer and takes nothing more") { trial in
                try trial.attach()
                try trial.feed(.push)
                try await trial.takeAll()
                let late = try trial.feed(.pull)
                try trial.expect(late.stops.count == 1 && late.questions == 0, "it has ended, and kept a producer")
                try await trial.expectClosed()
            },
            Check("its consuming side: finished, it still waits for its producer") { trial in
                try trial.needs(4)
                try trial.attach()
                trial.probe.want(1)
                try trial.feed(.push)
                try trial.stage.finish()
                try await trial.takeAll()
                try trial.expectWhole()
            },
        ]
    }

    /// Every rule for producers, with the stage between a producer of the suite and the consumer of a trial.
    var producingSide: [Check] {
        Kind.allCases.flatMap { kind in
            ProducerSuite<Output>.rules.map { rule in
                Check("its producing side, fed by a \(kind) producer: \(rule)") { trial in
                    switch await ProducerSuite(producer(fedBy: kind), options: options).verdict(on: rule) {
                    case .kept: return
                    case .notApplicable(let reason): throw NotApplicable(reason)
                    case .broken(let breaches):
                        for call in breaches.first?.calls ?? [] { trial.recorder.record(call) }
                        throw TrialFailure(breaches.map { "\($0.check): \($0.problem)" }.joined(separator: "; "))
                    }
                }
            }
        }
    }

    private func producer(fedBy kind: Kind) -> ProducerUnderTest<Output> {
        var subject = ProducerUnderTest<Output>(stage.name, kind: .push) {
            try await fixture(fedBy: kind, ending: .finish)
        }
        subject.makeFailing = {
            let error = StageSuiteError()
            var fixture = try await fixture(fedBy: kind, ending: .fail(error))
            fixture.isFailure = { ($0 as? StageSuiteError) === error }
            return fixture
        }
        return subject
    }

    private func fixture(
        fedBy kind: Kind,
        ending: StageFeeder<Input>.Ending
    ) async throws -> ProducerFixture<Output> {
        let made = try await stage.make()
        let feeder = StageFeeder(kind, made.inputs, ending: ending, recorder: Recorder(), describe: made.describe)
        try feeder.start(into: made.consumer)
        var outputs = made.outputs
        if case .fail = ending { outputs = made.outputsBeforeError ?? outputs }
        var fixture = ProducerFixture(
            object: made.object,
            expected: outputs,
            clock: made.clock,
            begins: made.begins,
            start: made.attach
        )
        fixture.weight = made.outputWeight
        fixture.describe = made.describeOutput
        fixture.close = made.close
        guard let marks = made.consumer.snapshot.marks else { return fixture }
        let consumer = made.consumer
        fixture.held = { consumer.snapshot.level }
        fixture.heldAtMost = marks.high + (made.inputs.map(made.weight).max() ?? 1)
        return fixture
    }
}
