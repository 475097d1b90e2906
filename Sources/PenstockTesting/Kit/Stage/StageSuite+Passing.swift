import Penstock

/// C2 to C4: what passes through, and at whose pace.
extension StageSuite {
    typealias Check = ConformanceCheck<StageTrial<Input, Output>>
    typealias Kind = StageFeeder<Input>.Kind

    /// The same check with a push producer and with a pull producer before the stage.
    func fed(
        _ name: String,
        times: Int = 1,
        _ body: @escaping (StageTrial<Input, Output>, Kind) async throws -> Void
    ) -> [Check] {
        Kind.allCases.map { kind in
            Check("fed by a \(kind) producer: \(name)", times: times) { trial in try await body(trial, kind) }
        }
    }

    var changeOfProducer: [Check] {
        fed("what was written before the producer unregistered comes out") { trial, kind in
            try trial.needs(2)
            try trial.attach()
            trial.probe.want()
            let half = trial.inputs.count / 2
            try trial.feed(kind, Array(trial.inputs.prefix(half)), ending: .unregister)
            try await trial.reach()
            trial.probe.holdBack()
            try await trial.settle()
            try trial.feed(kind, Array(trial.inputs.dropFirst(half)))
            try await trial.takeAll()
            try trial.expectWhole()
        } + [
            Check("what is held when the producer unregisters comes out") { trial in
                try trial.needs(2)
                try trial.attach()
                let first = try trial.feed(.push, ending: .stay)
                for input in trial.inputs.prefix(2) { try trial.stage.write(input) }
                first.leave()
                try await trial.settle()
                try trial.feed(.pull, Array(trial.inputs.dropFirst(2)))
                try await trial.takeAll()
                try trial.expectWhole()
            }
        ]
    }

    var order: [Check] {
        fed("everything comes out, in order") { trial, kind in
            try trial.attach()
            try trial.feed(kind)
            try await trial.takeAll()
            try trial.expectWhole()
        }
            + fed("one by one, everything comes out, in order") { trial, kind in
                try trial.feed(kind)
                try trial.attach()
                try await trial.takeOneByOne()
                try trial.expectWhole()
            }
            + fed("at random, everything comes out, in order", times: options.randomOrders) { trial, kind in
                if trial.dice.below(2) == 0 {
                    try trial.attach()
                    try trial.feed(kind)
                } else {
                    try trial.feed(kind)
                    try trial.attach()
                }
                try await trial.takeAtRandom()
                try await trial.takeAll()
                try trial.expectWhole()
            }
            + [0, 1].map { wanted in
                Check("written as one sequence, with \(wanted) wanted, everything comes out, in order") { trial in
                    try trial.attach()
                    trial.probe.want(wanted)
                    try trial.stage.write(contentsOf: trial.inputs)
                    try trial.stage.finish()
                    try await trial.takeAll()
                    try trial.expectWhole()
                }
            }
            + [
                Check("a write from inside an output does not overtake") { trial in
                    try trial.needs(4)
                    try trial.attach()
                    let stage = try trial.stage
                    var rest = trial.inputs[...]
                    trial.probe.onWrite = { _ in
                        for _ in 0..<2 { if let next = rest.popFirst() { stage.write(next) } }
                    }
                    trial.probe.want()
                    while let next = rest.popFirst() { stage.write(next) }
                    trial.probe.onWrite = nil
                    stage.finish()
                    try await trial.takeAll()
                    try trial.expectWhole()
                }
            ]
    }

    var level: [Check] {
        fed("what cannot pass counts, all of it") { trial, kind in
            try trial.needs(4)
            try trial.attach()
            try trial.stage.write(trial.inputs[0])
            try trial.feed(kind, Array(trial.inputs.dropFirst()), ending: .stay)
            try await trial.settle()
            let snapshot = try trial.snapshot
            let taken = snapshot.delivery.accepted.weight
            try trial.expect(
                taken > 0 && snapshot.level == taken,
                "it holds \(taken), and its level is \(snapshot.level)"
            )
            try await trial.takeAll()
            let level = try trial.snapshot.level
            let keeps = try trial.alive().keeps
            try trial.expect(level <= keeps, "everything has passed, and its level is \(level)")
        } + [
            Check("after its end its level is 0") { trial in
                try trial.attach()
                try trial.feed(.push)
                try await trial.takeAll()
                let level = try trial.snapshot.level
                try trial.expect(level == 0, "its level is \(level)")
            },
            Check("inside an output, the input that it belongs to counts") { trial in
                try trial.needs(4)
                try trial.attach()
                let stage = try trial.stage
                var lowest: Int?
                trial.probe.onWrite = { _ in lowest = min(lowest ?? .max, stage.snapshot.level) }
                trial.probe.want()
                for input in trial.inputs {
                    lowest = nil
                    stage.write(input)
                    guard let lowest else { continue }
                    let after = stage.snapshot.level
                    try trial.expect(lowest > after, "inside an output its level was \(lowest), and \(after) after it")
                }
                trial.probe.onWrite = nil
            },
        ]
    }

    var pausedOutput: [Check] {
        fed("paused inside each output, it hands nothing more on") { trial, kind in
            try trial.needs(4)
            try trial.attach()
            try trial.feed(kind)
            for number in 1...4 {
                trial.probe.want(1)
                try await trial.settle()
                let count = trial.probe.received.count
                try trial.expect(count == number, "\(number) outputs were wanted, and \(count) came")
            }
        }
            + fed("paused from outside, it hands nothing more on", times: options.randomOrders) { trial, kind in
                try trial.needs(4)
                try trial.attach()
                trial.probe.want(1 + trial.dice.below(trial.outputs.count))
                try trial.feed(kind)
                for _ in 0..<trial.dice.below(3) { await trial.clock.runTurn() }
                trial.probe.holdBack()
                trial.probe.repeatSignal()
                try await trial.settle()
            } + [
                Check("paused while it has nothing, it hands on nothing that comes later") { trial in
                    try trial.needs(4)
                    try trial.attach()
                    trial.probe.want()
                    let half = trial.inputs.count / 2
                    for input in trial.inputs.prefix(half) { try trial.stage.write(input) }
                    trial.probe.holdBack()
                    for input in trial.inputs.dropFirst(half) { try trial.stage.write(input) }
                    try await trial.settle()
                },
                Check("attached to a consumer that wants nothing, it hands nothing on") { trial in
                    for input in trial.inputs.prefix(3) { try trial.stage.write(input) }
                    try trial.attach()
                    try await trial.settle()
                    let count = trial.probe.received.count
                    try trial.expect(count == 0, "\(count) outputs came")
                },
            ]
    }

    var wakeUps: [Check] {
        fed("in any order of signals from behind, it comes to its end", times: options.randomOrders) { trial, kind in
            try trial.attach()
            let feeder = try trial.feed(kind)
            try await trial.takeAtRandom()
            try await trial.takeAll()
            try trial.expect(feeder.isOver, "its producer still waits after \(feeder.written) inputs")
            try trial.expectWhole()
        }
            + fed("when its consumer goes on, so does its producer") { trial, kind in
                try trial.attach()
                let feeder = try trial.feed(kind)
                try await trial.takeOneByOne()
                try trial.expect(feeder.isOver, "its producer still waits after \(feeder.written) inputs")
                try trial.expectWhole()
            }
    }

    var waits: [Check] {
        fed("what its producer waits for can be read, down to the last consumer") { trial, kind in
            try trial.attach()
            trial.probe.want(1)
            let feeder = try trial.feed(kind, ending: .stay)
            try await trial.settle()
            trial.probe.holdBack()
            try await trial.settle()
            guard feeder.written < trial.inputs.count else { throw NotApplicable("its producer never waits") }
            let waits = try trial.snapshot.waits.map(\.reason)
            let wanted = trial.probe.snapshot.waits.map(\.reason)
            let told = waits.joined(separator: ", ")
            try trial.expect(waits.count > wanted.count, "it does not say what it waits for itself, only: \(told)")
            try trial.expect(
                wanted.allSatisfy(waits.contains),
                "it does not say what its consumer waits for, only: \(told)"
            )
        } + [
            Check("when nobody waits, nothing is said") { trial in
                try trial.attach()
                trial.probe.want()
                try trial.feed(.push, ending: .stay)
                try await trial.settle()
                let waits = try trial.snapshot.waits
                try trial.expect(waits.isEmpty, "nobody waits, and it says: \(waits)")
            }
        ]
    }
}
