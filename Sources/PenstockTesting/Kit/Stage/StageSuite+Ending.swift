import Penstock

/// C1.9 and C6: the end, from either side.
extension StageSuite {
    var keeping: [Check] {
        [
            Check("after its end nobody holds it") { trial in
                try trial.attach()
                try trial.feed(.pull)
                try await trial.takeAll()
                try trial.expect(try await trial.isForgotten(), "something still holds it")
            },
            Check("stopped by its consumer, nobody holds it") { trial in
                try trial.attach()
                trial.probe.want(1)
                try trial.feed(.pull)
                trial.probe.end(.aborted)
                try await trial.settle()
                try trial.expect(try await trial.isForgotten(), "something still holds it")
            },
            Check("aborted, nobody holds it") { trial in
                try trial.attach()
                trial.probe.want(1)
                try trial.feed(.push)
                try trial.stage.abort(.aborted)
                try await trial.settle()
                try trial.expect(try await trial.isForgotten(), "something still holds it")
            },
        ]
    }

    var stops: [Check] {
        fed("its consumer ends: its producer is stopped once, at once, with the reason") { trial, kind in
            try trial.needs(4)
            let error = StageSuiteError()
            try trial.attach()
            trial.probe.want(2)
            let feeder = try trial.feed(kind, ending: .stay)
            trial.probe.end(EndReason(.lost, error: error))
            try await trial.reach()
            try trial.expectStop(feeder, .lost, error)
            try await trial.expectClosed()
        }
            + fed("its consumer ends inside an output: its producer is stopped once") { trial, kind in
                try trial.needs(4)
                let error = StageSuiteError()
                let probe = trial.probe
                probe.onWrite = { [unowned probe] count in if count == 2 { probe.end(EndReason(.lost, error: error)) } }
                probe.want()
                try trial.attach()
                let feeder = try trial.feed(kind)
                try await trial.settle()
                try trial.expectStop(feeder, .lost, error)
                try await trial.expectClosed()
                let count = probe.received.count
                try trial.expect(count == 2, "\(count) outputs came, and it was stopped inside the second")
            }
            + fed("it is aborted: its producer is stopped once, at once") { trial, kind in
                try trial.needs(4)
                try trial.attach()
                trial.probe.want(2)
                let feeder = try trial.feed(kind, ending: .stay)
                try trial.stage.abort(.cancelled)
                try trial.expectStop(feeder, .cancelled, nil)
                try await trial.expectClosed()
            } + [
                Check("its consumer had ended before: its producer is stopped") { trial in
                    trial.probe.end(.aborted)
                    try trial.attach()
                    let feeder = try trial.feed(.push)
                    try await trial.settle()
                    try trial.expectStop(feeder, .aborted, nil)
                    try await trial.expectClosed()
                }
            ]
    }

    var travellingEnd: [Check] {
        fed("it is finished: its consumer is finished once, behind everything") { trial, kind in
            try trial.attach()
            try trial.feed(kind)
            try await trial.takeAll()
            try trial.expectWhole()
            try trial.expect(trial.probe.finishes == 1, "its consumer was finished \(trial.probe.finishes) times")
            try trial.expect(
                trial.probe.failures.isEmpty && trial.probe.aborts == 0,
                "its consumer was ended with an error"
            )
            try trial.expect(try trial.result().isComplete, "its result is '\(try trial.result().end)'")
        }
            + fed("it is failed: its consumer is failed once, with the original error, behind everything") {
                trial,
                kind in
                let error = StageSuiteError()
                trial.outputs = try trial.alive().outputsBeforeError ?? trial.outputs
                try trial.attach()
                try trial.feed(kind, ending: .fail(error))
                try await trial.takeOneByOne()
                try await trial.takeAll()
                try trial.expectWhole()
                try trial.expectFailure { ($0 as? StageSuiteError) === error }
            } + [
                Check("it is aborted: its consumer is told once, with the reason") { trial in
                    try trial.needs(4)
                    let error = StageSuiteError()
                    try trial.attach()
                    trial.probe.want(1)
                    try trial.feed(.push)
                    try trial.stage.abort(EndReason(.cancelled, error: error))
                    try await trial.takeAll()
                    let code = trial.probe.end?.code
                    try trial.expect(
                        code == .cancelled,
                        "the consumer has ended with '\(code.map { "\($0)" } ?? "nothing")'"
                    )
                    let told = trial.probe.failures.count + trial.probe.aborts + trial.probe.finishes
                    try trial.expect(told == 1, "the consumer was told \(told) times")
                    try trial.expect(
                        (trial.probe.end?.error as? StageSuiteError) === error,
                        "the original error was lost"
                    )
                    let end = try trial.result().end
                    try trial.expect(end.code == .cancelled, "its result is '\(end)'")
                },
                Check("it is aborted with what looks like an orderly end: its consumer does not take it for one") {
                    trial in
                    try trial.needs(4)
                    try trial.attach()
                    trial.probe.want(1)
                    try trial.feed(.push)
                    try trial.stage.abort(.finished)
                    try await trial.takeAll()
                    try trial.expect(trial.probe.finishes == 0, "its consumer was finished")
                    try trial.expect(trial.probe.end?.isOrderly == false, "its consumer has heard of no error")
                },
                Check("it is to leave its consumer open: it does") { trial in
                    try trial.attach(.leaveOpen)
                    try trial.feed(.push)
                    try await trial.takeAll()
                    try trial.expectWhole()
                    let told = trial.probe.failures.count + trial.probe.aborts + trial.probe.finishes
                    try trial.expect(
                        told == 0 && !trial.probe.isRegistered,
                        "its consumer has ended, or it is still registered"
                    )
                },
                Check("it ended before it was attached: its consumer gets everything, and the end") { trial in
                    for input in trial.inputs.prefix(1) { try trial.stage.write(input) }
                    try trial.stage.fail(StageSuiteError())
                    try await trial.settle()
                    try trial.attach()
                    try await trial.takeAll()
                    try trial.expect(
                        trial.probe.failures.count == 1,
                        "its consumer was failed \(trial.probe.failures.count) times"
                    )
                },
            ]
    }

    var firstError: [Check] {
        [
            Check("aborted, then failed: its consumer hears of the first") { trial in
                try trial.attach()
                trial.probe.want(1)
                try trial.feed(.push)
                try trial.stage.abort(.cancelled)
                try trial.stage.fail(StageSuiteError())
                try trial.stage.abort(.aborted)
                try trial.stage.finish()
                try await trial.takeAll()
                let told = trial.probe.failures.count + trial.probe.aborts + trial.probe.finishes
                try trial.expect(told == 1, "its consumer was told \(told) ends")
                let code = try trial.result().end.code
                try trial.expect(code == .cancelled, "the first end was 'cancelled', and its result is '\(code)'")
            },
            Check("failed, then failed again: its consumer hears of the first") { trial in
                let (first, second) = (StageSuiteError(), StageSuiteError())
                try trial.attach()
                try trial.feed(.push, ending: .stay)
                try trial.stage.fail(first)
                try trial.stage.fail(second)
                try await trial.takeAll()
                try trial.expectFailure { ($0 as? StageSuiteError) === first }
            },
            Check("its consumer ended first: it is not failed after all") { trial in
                try trial.attach()
                trial.probe.want(1)
                try trial.feed(.push)
                trial.probe.end(EndReason(.lost))
                try trial.stage.fail(StageSuiteError())
                try trial.stage.abort(.aborted)
                try await trial.takeAll()
                let told = trial.probe.failures.count + trial.probe.aborts + trial.probe.finishes
                try trial.expect(told == 0, "its consumer had ended, and was told another end")
                let code = try trial.result().end.code
                try trial.expect(code == .lost, "its consumer was lost first, and its result is '\(code)'")
            },
        ]
    }
}

/// What the suite fails a stage with; an object, so that it is known again.
final class StageSuiteError: Error, Sendable {}

extension StageTrial {
    /// The one result of the flow.
    func result() throws -> FlowResult {
        try expect(results.count == 1, "the result of the flow was told \(results.count) times, not once")
        return results[0]
    }

    /// Whether the consumer was failed once with the original error.
    func expectFailure(_ isOriginal: (any Error) -> Bool) throws {
        try expect(probe.failures.count == 1, "its consumer was failed \(probe.failures.count) times")
        try expect(
            probe.failures.allSatisfy(isOriginal),
            "its consumer was failed with another error: \(probe.failures)"
        )
        try expect(probe.finishes == 0 && probe.aborts == 0, "its consumer was told another end, too")
        let end = try result().end
        try expect(!end.isOrderly && end.error.map(isOriginal) == true, "its result is '\(end)'")
    }

    /// Whether a producer was stopped once, for this reason.
    func expectStop(_ feeder: StageFeeder<Input>, _ code: EndReason.Code, _ error: StageSuiteError?) throws {
        let stops = feeder.stops.map { "\($0.code)" }
        try expect(
            stops == ["\(code)"],
            "its producer was stopped \(stops.count) times \(stops), not once with '\(code)'"
        )
        guard let error else { return }
        try expect((feeder.stops[0].error as? StageSuiteError) === error, "the stop has not the original error")
    }

    /// Whether the stage takes nothing more, and counts what it refuses.
    func expectClosed() async throws {
        try await settle()
        let before = try snapshot.delivery
        let outcome = try stage.write(inputs[0])
        try expect(outcome == .closed, "it has ended, and answers a write with '\(outcome)'")
        try await settle()
        let after = try snapshot.delivery
        try expect(after.accepted == before.accepted, "it has ended, and took an input")
        try expect(after.refused.elements == before.refused.elements + 1, "it did not count what it refused")
        try expect(try snapshot.level == 0, "it has ended, and its level is \(try snapshot.level)")
    }
}
