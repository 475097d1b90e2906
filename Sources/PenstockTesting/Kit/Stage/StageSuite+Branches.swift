import Penstock

/// C8.4: one to many, many to one.
extension StageSuite {
    var branches: [Check] {
        fed("every consumer gets everything, in order") { trial, kind in
            let (_, second) = try trial.fork()
            try trial.attach()
            try trial.feed(kind)
            for _ in trial.outputs {
                trial.probe.want(1)
                second.want(1)
                try await trial.settle()
            }
            try await trial.takeAll()
            second.want()
            try await trial.settle()
            try trial.expectWhole()
            try trial.expectWhole(second, "the second consumer")
            try trial.expect(second.finishes == 1, "the second consumer was finished \(second.finishes) times")
        }
            + fed("one of two consumers is slow, and the stage goes at the pace that it states") { trial, kind in
                let (branches, slow) = try trial.fork()
                try trial.attach()
                trial.probe.want()
                let feeder = try trial.feed(kind)
                try await trial.settle()
                switch branches.pace {
                case .slowest: try await trial.expectPaceOfTheSlowest(slow, feeder)
                case .lag(let lag, let laggard): try await trial.expectLag(lag, laggard, branches, slow)
                }
            }
            + fed("one of two consumers ends, and what is stated follows") { trial, kind in
                try trial.needs(4)
                let (branches, leaving) = try trial.fork()
                try trial.attach()
                trial.probe.want(1)
                leaving.want(1)
                let feeder = try trial.feed(kind)
                try await trial.settle()
                leaving.end(.aborted)
                try await trial.takeAll()
                switch branches.departure {
                case .othersGoOn:
                    try trial.expect(feeder.stops.isEmpty, "a consumer ended, and the stage stopped its producer")
                    try trial.expectWhole()
                    try trial.expect(trial.probe.finishes == 1, "the consumer that stayed was not finished")
                case .endsAll:
                    try trial.expect(feeder.stops.count == 1, "its producer was stopped \(feeder.stops.count) times")
                    let isOrderly = trial.probe.end?.isOrderly ?? true
                    try trial.expect(!isOrderly, "the consumer that stayed does not know that something is missing")
                }
            }
    }

    var inlets: [Check] {
        [
            Check("two producers that always have something get their turns") { trial in
                guard let inlets = try trial.alive().inlets else { throw NotApplicable("it has one producer") }
                try trial.attach()
                let second = StageFeeder(
                    .push,
                    inlets.inputs,
                    ending: .finish,
                    recorder: trial.recorder,
                    describe: try trial.alive().describe
                )
                try trial.feed(.push)
                try second.start(into: inlets.second)
                var run = (isOfSecond: false, length: 0)
                let counts = [trial.outputs.count, inlets.inputs.count]
                var came = [0, 0]
                for number in 1...(counts[0] + counts[1]) {
                    trial.probe.want(1)
                    try await trial.settle()
                    guard trial.probe.received.count == number, let output = trial.probe.received.last else {
                        throw TrialFailure("\(number) outputs were wanted, and \(trial.probe.received.count) came")
                    }
                    let isOfSecond = inlets.isOfSecond(output)
                    run = (isOfSecond, run.isOfSecond == isOfSecond ? run.length + 1 : 1)
                    came[isOfSecond ? 1 : 0] += 1
                    let isOtherWaiting = came[isOfSecond ? 0 : 1] < counts[isOfSecond ? 0 : 1]
                    try trial.expect(
                        !isOtherWaiting || run.length <= inlets.mostInARow,
                        "\(run.length) outputs of one producer came in a row, and the other waits"
                    )
                }
                let ofFirst = trial.probe.received.filter { !inlets.isOfSecond($0) }
                let begins = try trial.alive().begins
                try trial.expect(
                    begins(trial.outputs, ofFirst) && begins(ofFirst, trial.outputs),
                    "what came of the first producer is not what it wrote"
                )
                try await trial.takeAll()
                try trial.expect(second.violations.isEmpty, second.violations.first ?? "")
                try trial.expect(trial.probe.finishes == 1, "both producers are done, and its consumer is not finished")
                trial.outputs = trial.probe.received
            }
        ]
    }
}

extension StageTrial {
    /// Attaches a second consumer, which wants nothing at first.
    fileprivate func fork() throws -> (StageBranches<Output>, ProducerProbe<Output>) {
        guard let branches = try alive().branches else {
            throw NotApplicable("it has one producer and one consumer, so there is no branch to pace")
        }
        let second = ProducerProbe<Output>(
            wanting: 0,
            scheduler: clock.scheduler,
            recorder: recorder,
            weight: try alive().outputWeight,
            describe: try alive().describeOutput
        )
        try branches.attach(second)
        return (branches, second)
    }

    fileprivate func expectWhole(_ probe: ProducerProbe<Output>, _ who: String) throws {
        let begins = try alive().begins
        let isWhole = begins(outputs, probe.received) && begins(probe.received, outputs)
        try expect(isWhole, "\(who) got \(probe.received.count) of \(outputs.count) outputs, or others")
        try expect(probe.violations.isEmpty, probe.violations.first ?? "")
    }

    fileprivate func expectPaceOfTheSlowest(
        _ slow: ProducerProbe<Output>,
        _ feeder: StageFeeder<Input>
    ) async throws {
        let bound = try bound(for: inputs)
        guard inputs.map(try alive().weight).reduce(0, +) > bound else {
            throw NotApplicable("its marks have room for all inputs")
        }
        let level = try snapshot.level
        try expect(level <= bound, "it holds \(level) for its slow consumer, above its high mark and one input")
        try expect(feeder.written < inputs.count, "a consumer takes nothing, and its producer was not held back")
        slow.want()
        try await settle()
        try expectWhole()
        try expectWhole(slow, "the slow consumer")
    }

    fileprivate func expectLag(
        _ lag: Int,
        _ laggard: StageBranches<Output>.Laggard,
        _ branches: StageBranches<Output>,
        _ slow: ProducerProbe<Output>
    ) async throws {
        guard outputs.count > lag else { throw NotApplicable("it has no more outputs than the stated lag") }
        try expectWhole()
        switch laggard {
        case .misses:
            slow.want()
            try await settle()
            let came = slow.received.count
            try expect(came == lag, "\(came) outputs waited for the slow consumer, and the stated lag is \(lag)")
            let missed = branches.missed?() ?? 0
            try expect(came + missed == outputs.count, "\(outputs.count - came) were missed, and \(missed) are counted")
        case .ends:
            try await settle()
            let code = slow.end
            try expect(code?.isOrderly == false, "the consumer that fell behind was not ended, or in order")
        }
    }
}
