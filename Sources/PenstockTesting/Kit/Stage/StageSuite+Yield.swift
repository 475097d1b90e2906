import Penstock

/// C8.2, C8.3, C8.5 and C10: nothing or plenty for an input, the flush, what is dropped, what is bounded.
extension StageSuite {
    var yields: [Check] {
        fed("nothing comes out for an input, and it neither stalls nor spins") { trial, kind in
            guard let barren = try trial.alive().barren else {
                throw NotApplicable("something comes out for every input")
            }
            trial.outputs = []
            try trial.attach()
            trial.probe.want()
            let inputs = Array(repeating: barren, count: 200)
            let feeder = try trial.feed(kind, inputs, ending: .stay)
            try await trial.settle()
            try trial.expect(
                feeder.written == 200,
                "after \(feeder.written) inputs for which nothing comes out it stalls"
            )
            let questions = feeder.questions
            try await trial.settle()
            try trial.expect(feeder.questions == questions, "it goes on asking, although the question is open")
        }
            + fed("much comes out for an input, and a pause inside it is obeyed") { trial, kind in
                guard let rich = try trial.alive().rich else { throw NotApplicable("little comes out for every input") }
                trial.outputs = rich.outputs + rich.outputs
                try trial.attach()
                let feeder = try trial.feed(kind, [rich.input, rich.input])
                for number in 1...3 {
                    trial.probe.want(1)
                    try await trial.settle()
                    let count = trial.probe.received.count
                    try trial.expect(count == number, "\(number) outputs were wanted, and \(count) came")
                }
                try await trial.takeAll()
                try trial.expect(feeder.isOver, "it stalls inside an input")
                try trial.expectWhole()
            }
            + fed("much comes out for every input, and what it holds is bounded") { trial, kind in
                guard let rich = try trial.alive().rich else { throw NotApplicable("little comes out for every input") }
                trial.outputs = (0..<100).flatMap { _ in rich.outputs }
                let bound = try trial.bound(for: [rich.input])
                try trial.attach()
                let feeder = try trial.feed(kind, Array(repeating: rich.input, count: 100))
                for _ in 0..<20 {
                    trial.probe.want(1 + trial.dice.below(3))
                    try await trial.settle()
                }
                let peak = try trial.snapshot.peak
                try trial.expect(peak <= bound, "it held \(peak), above its high mark and one input, which is \(bound)")
                // Each input is held until the last of its outputs has been taken, and the marks bound how many are held.
                let passed = trial.probe.received.count / max(1, rich.outputs.count)
                let held = feeder.written - passed
                try trial.expect(held <= bound + 1, "it took \(held) inputs whose outputs nobody has taken")
                try await trial.takeAll()
                try trial.expectWhole()
            }
    }

    var flushAndFailure: [Check] {
        [
            Check("finished, it flushes, and ends downstream only then") { trial in
                try trial.needs(4)
                try trial.attach()
                trial.probe.want(2)
                try trial.stage.write(contentsOf: trial.inputs)
                try trial.stage.finish()
                for _ in 0..<(trial.outputs.count - 2) {
                    try await trial.settle()
                    try trial.expect(trial.probe.finishes == 0, "it ended downstream before everything had been taken")
                    trial.probe.want(1)
                }
                try await trial.takeAll()
                try trial.expectWhole()
                try trial.expect(trial.probe.finishes == 1, "it did not end downstream")
                try trial.expect(try trial.snapshot.phase == .ended, "it has not ended itself")
            },
            Check("finished with nothing, it ends downstream") { trial in
                trial.outputs = []
                try trial.attach()
                try trial.stage.finish()
                try await trial.takeAll()
                try trial.expect(trial.probe.finishes == 1, "it did not end downstream")
            },
        ]
            + fed("it fails: it stops upstream, and fails downstream with the original error") { trial, kind in
                let fixture = try trial.alive()
                guard let failing = fixture.failing else { throw NotApplicable("it cannot fail by itself") }
                trial.outputs = fixture.outputsBeforeError ?? trial.outputs
                try trial.attach()
                trial.probe.want()
                let feeder = try trial.feed(kind, trial.inputs + [failing] + trial.inputs)
                try await trial.takeAll()
                try trial.expectFailure(fixture.isFailure)
                try trial.expect(
                    feeder.stops.count == 1,
                    "it failed, and stopped its producer \(feeder.stops.count) times"
                )
                let isOriginal = feeder.stops[0].error.map(fixture.isFailure) == true
                try trial.expect(isOriginal, "it stopped its producer with '\(feeder.stops[0])'")
                try await trial.expectClosed()
            } + [
                Check("it fails with inputs held behind: none of them comes out") { trial in
                    let fixture = try trial.alive()
                    guard let failing = fixture.failing else { throw NotApplicable("it cannot fail by itself") }
                    trial.outputs = fixture.outputsBeforeError ?? trial.outputs
                    try trial.attach()
                    try trial.stage.write(contentsOf: trial.inputs + [failing] + trial.inputs)
                    try await trial.takeOneByOne()
                    try await trial.takeAll()
                    try trial.expectFailure(fixture.isFailure)
                    let delivery = try trial.snapshot.delivery
                    try trial.expect(delivery.dropped.elements > 0, "it dropped what was held, and did not count it")
                }
            ]
    }

    var drops: [Check] {
        let ends: [(String, (StageTrial<Input, Output>) throws -> Void)] = [
            ("it is aborted", { trial in try trial.stage.abort(.aborted) }),
            ("its consumer ends", { trial in trial.probe.end(EndReason(.lost)) }),
        ]
        return ends.map { name, end in
            Check("\(name) while it holds something: what it drops is counted") { trial in
                try trial.needs(4)
                try trial.attach()
                trial.probe.want(1)
                try trial.stage.write(contentsOf: trial.inputs)
                let before = try trial.snapshot
                guard before.level > 0 else { throw NotApplicable("it holds nothing") }
                try end(trial)
                try await trial.settle()
                let after = try trial.snapshot
                let dropped = after.delivery.dropped.weight - before.delivery.dropped.weight
                try trial.expect(
                    dropped == before.level,
                    "it dropped a weight of \(before.level), and counted \(dropped)"
                )
                try trial.expect(after.delivery.dropped.elements > 0, "it counted no elements that it dropped")
                try trial.expect(after.level == 0, "it has ended, and its level is \(after.level)")
                let refused = after.delivery.refused.elements
                try trial.stage.write(contentsOf: trial.inputs.prefix(3))
                let counted = try trial.snapshot.delivery.refused.elements - refused
                try trial.expect(counted == 3, "it refused 3 inputs, and counted \(counted)")
            }
        } + [
            Check("nothing is dropped while nothing ends") { trial in
                try trial.attach()
                try trial.feed(.push)
                try await trial.takeOneByOne()
                try await trial.takeAll()
                try trial.expectWhole()
                let delivery = try trial.snapshot.delivery
                try trial.expect(delivery.isComplete, "everything came out, and it says: \(delivery)")
                let count = delivery.accepted.elements
                try trial.expect(
                    count == trial.inputs.count,
                    "it took \(trial.inputs.count) inputs, and counted \(count)"
                )
            }
        ]
    }

    var peak: [Check] {
        fed("the most that it holds", times: options.randomOrders) { trial, kind in
            let bound = try trial.bound(for: trial.inputs)
            try trial.attach()
            try trial.feed(kind)
            try await trial.takeAtRandom()
            try await trial.takeAll()
            let peak = try trial.snapshot.peak
            try trial.expect(peak <= bound, "it held \(peak), above its high mark and one input, which is \(bound)")
        }
    }

    var bounds: [Check] {
        fed("its consumer never takes anything") { trial, kind in
            let bound = try trial.bound(for: trial.inputs)
            try trial.attach()
            try trial.feed(kind)
            try await trial.settle()
            let level = try trial.snapshot.level
            try trial.expect(level <= bound, "it holds \(level), above its high mark and one input, which is \(bound)")
        } + [
            Check("a writer that does not obey meets the hard limit") { trial in
                guard let marks = try trial.snapshot.marks else { throw NotApplicable("it has no marks") }
                try trial.attach()
                let feeder = try trial.feed(.push, ending: .stay)
                let stage = try trial.stage
                let limit = 64 * max(1, marks.high) + (trial.inputs.map(try trial.alive().weight).max() ?? 1)
                var isOpen = true
                var index = 0
                while isOpen, stage.snapshot.level <= limit {
                    isOpen = stage.write(trial.inputs[index % trial.inputs.count]) != .closed
                    index += 1
                }
                try trial.expect(!isOpen, "it holds \(stage.snapshot.level), and still takes inputs")
                try trial.expectStop(feeder, .overflow, nil)
                try await trial.takeAll()
                let code = trial.probe.end?.code
                try trial.expect(
                    code == .overflow,
                    "its consumer has ended with '\(code.map { "\($0)" } ?? "nothing")'"
                )
            }
        ]
    }
}
