import Penstock

/// C6 and C9: how a flow ends, and what is told of it.
extension ProducerSuite {
    var stops: [Check] {
        let moments: [(String, (ProducerTrial<Element>) async throws -> Void)] = [
            ("before its first element", { trial in try trial.start() }),
            (
                "while it is paused or not asked",
                { trial in
                    try trial.start()
                    trial.probe.want(2)
                    try await trial.settle()
                }
            ),
            (
                "while it is at work",
                { trial in
                    try trial.start()
                    trial.probe.want()
                    await trial.clock.runTurn()
                    try trial.needsMore()
                }
            ),
            (
                "in the turn in which it was resumed or asked",
                { trial in
                    try trial.start()
                    try await trial.settle()
                    trial.probe.want(1)
                    try await trial.settle()
                    trial.probe.want(1)
                }
            ),
        ]
        let outside = moments.map { name, prepare in
            Check("stopped \(name)") { trial in
                try trial.needs(4)
                try await prepare(trial)
                let before = trial.probe.received.count
                trial.probe.end(EndReason(.lost))
                try await trial.expectStopped(.lost, after: before)
            }
        }
        let inside = (1...4).map { number in
            Check("stopped inside write \(number)") { trial in
                try trial.needs(number + 1)
                let probe = trial.probe
                probe.onWrite = { [unowned probe] count in if count >= number { probe.end(EndReason(.lost)) } }
                try trial.start()
                probe.want()
                try await trial.settle()
                try await trial.expectStopped(.lost, after: number)
            }
        }
        let random = Check("stopped at any moment", times: options.randomOrders) { trial in
            let moment = trial.dice.below(trial.expected.count + 1)
            let isLater = trial.dice.below(2) == 0
            try await trial.goAtRandom()
            let before = trial.probe.received.count
            let probe = trial.probe
            let scheduler = trial.clock.scheduler
            probe.onWrite = { [unowned probe] count in
                guard count - before >= moment else { return }
                probe.holdBack()
                guard isLater else { return probe.end(.aborted) }
                scheduler.onLaterTurn { [weak probe] in probe?.end(.aborted) }
            }
            try await trial.takeAll()
            guard probe.end?.code == .aborted else { return }
            try await trial.expectStopped(.aborted, after: probe.received.count)
        }
        return outside + inside + [random]
    }

    var travellingEnd: [Check] {
        [
            Check("it fails: its consumer is failed once, with the original error, behind its elements") { trial in
                try await trial.exchangeForFailing()
                try trial.start()
                try await trial.takeAll()
                try trial.expectFailure()
                try trial.expectWhole()
            },
            Check("it fails while it is paused or not asked: nothing gets lost, and the error comes") { trial in
                try await trial.exchangeForFailing()
                try trial.start()
                try await trial.takeOneByOne()
                try await trial.takeAll()
                try trial.expectFailure()
                try trial.expectWhole()
            },
            Check("it fails, and is to leave its consumer open: it does") { trial in
                try await trial.exchangeForFailing()
                try trial.needsResult()
                try trial.start(.leaveOpen)
                try await trial.takeAll()
                let result = try trial.result()
                try trial.expect(
                    result.end.error.map(try trial.alive().isFailure) == true,
                    "the result is '\(result.end)'"
                )
                try trial.expect(!trial.probe.isRegistered, "it is still registered")
                let said = trial.probe.finishes + trial.probe.aborts + trial.probe.failures.count
                try trial.expect(said == 0, "it has ended the consumer")
            },
            Check("it comes to its end: its consumer is finished once") { trial in
                try trial.needsResult()
                try trial.start()
                try await trial.takeAll()
                try trial.expect(trial.probe.finishes == 1, "it finished its consumer \(trial.probe.finishes) times")
                try trial.expect(
                    trial.probe.failures.isEmpty && trial.probe.aborts == 0,
                    "it ended its consumer with an error"
                )
            },
            Check("its consumer fails: the result has the original error") { trial in
                try trial.needsResult()
                try trial.needs(4)
                let error = ProducerSuiteError()
                try trial.start()
                trial.probe.want(1)
                try await trial.settle()
                trial.probe.end(.failed(error))
                try await trial.settle()
                let end = try trial.result().end
                try trial.expect(end.code == .failed, "the result is '\(end.code)', not '\(EndReason.Code.failed)'")
                try trial.expect((end.error as? ProducerSuiteError) === error, "the result has not the original error")
            },
        ]
    }

    var firstError: [Check] {
        [
            Check("stopped, it does not fail after all") { trial in
                try await trial.exchangeForFailing()
                try trial.needs(2)
                try trial.start()
                trial.probe.want(1)
                try await trial.settle()
                trial.probe.end(EndReason(.lost))
                trial.probe.want()
                try await trial.pass(.seconds(1))
                try trial.expect(trial.probe.failures.isEmpty, "it failed a consumer that had stopped it")
                guard try trial.alive().tellsResult else { return }
                let code = try trial.result().end.code
                try trial.expect(code == .lost, "the consumer was lost first, and the result is '\(code)'")
            },
            Check("failed, it stays so when its consumer ends") { trial in
                try await trial.exchangeForFailing()
                try trial.needsResult()
                try trial.start(.leaveOpen)
                try await trial.takeAll()
                trial.probe.end(EndReason(.lost))
                try await trial.settle()
                let end = try trial.result().end
                try trial.expect(end.error.map(try trial.alive().isFailure) == true, "the result is '\(end)'")
            },
        ]
    }

    var results: [Check] {
        [
            Check("it unregisters once, behind its last element") { trial in
                try trial.start()
                try await trial.takeAll()
                try trial.expectWhole()
                let count = trial.probe.unregistrations
                try trial.expect(count == 1 && !trial.probe.isRegistered, "it unregistered \(count) times")
            },
            Check("it finishes its consumer when it has unregistered, then tells its result") { trial in
                try trial.needsResult()
                try trial.start()
                try await trial.takeAll()
                let last = trial.calls.suffix(3)
                let wanted = ["unregister", "finish", "done finished"]
                try trial.expect(Array(last) == wanted, "its last calls are not: \(wanted.joined(separator: ", "))")
            },
            Check("told to leave its consumer open, it does") { trial in
                try trial.needsResult()
                try trial.start(.leaveOpen)
                try await trial.takeAll()
                let result = try trial.result()
                try trial.expect(result.isComplete, "the result is '\(result.end)'")
                let said = trial.probe.finishes + trial.probe.aborts + trial.probe.failures.count
                try trial.expect(said == 0, "it has ended the consumer")
            },
            Check("the figures of a whole flow") { trial in
                try trial.needsResult()
                try trial.start()
                try await trial.pass(.milliseconds(5))
                for _ in 0..<3 where trial.probe.isRegistered {
                    trial.probe.want(2)
                    try await trial.pass(.milliseconds(5))
                }
                try await trial.takeAll()
                try trial.expectWhole()
                try trial.expectFigures(since: .zero)
            },
            Check("the figures of a flow that was cut short") { trial in
                try trial.needsResult()
                try trial.needs(4)
                try await trial.pass(.milliseconds(3))
                let start = trial.clock.scheduler.now
                try trial.start()
                trial.probe.want(1)
                try await trial.pass(.milliseconds(5))
                trial.probe.want(2)
                try await trial.pass(.milliseconds(5))
                trial.probe.end(.aborted)
                try await trial.settle()
                try trial.expectFigures(since: start)
            },
            Check("the elements of a flow that was cut short inside a write") { trial in
                try trial.needsResult()
                try trial.needs(4)
                let probe = trial.probe
                probe.onWrite = { [unowned probe] count in if count == 2 { probe.end(.aborted) } }
                try trial.start()
                probe.want()
                try await trial.settle()
                let elements = try trial.result().summary.elements
                let count = probe.received.count
                try trial.expect(
                    elements == count,
                    "the result tells of \(elements) elements, the consumer took \(count)"
                )
            },
            Check("done, it has closed what it had opened") { trial in
                guard let isReleased = try trial.alive().isReleased else { throw NotApplicable("it opens nothing") }
                try trial.start()
                try await trial.takeAll()
                try trial.expect(isReleased(), "it is still open")
            },
        ]
    }

    var cancellation: [Check] {
        [
            Check("cancelled, it stops for good, and its result says so") { trial in
                try trial.needs(4)
                try trial.start()
                trial.probe.want(1)
                try await trial.settle()
                let before = trial.probe.received.count
                trial.probe.end(.cancelled)
                try await trial.expectStopped(.cancelled, after: before)
            }
        ]
    }
}

/// What the suite fails a consumer with; an object, so that it is known again.
private final class ProducerSuiteError: Error, Sendable {}

extension ProducerTrial {
    fileprivate func needsMore() throws {
        if !probe.isRegistered { throw NotApplicable("it writes everything in one turn") }
    }

    /// Whether the subject has been stopped for good, after this many elements.
    fileprivate func expectStopped(_ code: EndReason.Code, after count: Int) async throws {
        try await settle()
        probe.want()
        try await pass(.seconds(1))
        let surplus = probe.received.count + probe.refused - count
        try expect(surplus <= subject.skid, "it wrote \(surplus) elements after the stop")
        try expect(probe.failures.isEmpty && probe.aborts == 0, "stopped, it ended its consumer once more")
        let fixture = try alive()
        if let isReleased = fixture.isReleased {
            try expect(isReleased(), "stopped, it has not closed what it had opened")
        }
        guard fixture.tellsResult else { return }
        let end = try result().end
        try expect(end.code == code, "the consumer ended with '\(code)', and the result is '\(end.code)'")
    }

    /// Whether the consumer was failed once with the original error.
    fileprivate func expectFailure() throws {
        let isFailure = try alive().isFailure
        try expect(probe.failures.count == 1, "it failed its consumer \(probe.failures.count) times")
        try expect(probe.failures.allSatisfy(isFailure), "it failed its consumer with another error than its own")
        try expect(probe.finishes == 0, "it failed, and finished its consumer")
        try expect(!probe.isRegistered, "it failed, and is still registered")
        guard try alive().tellsResult else { return }
        let end = try result().end
        try expect(!end.isOrderly, "it failed, and its result is '\(end.code)'")
        try expect(end.error.map(isFailure) == true, "it failed, and its result has another error: \(end)")
    }

    /// Compares the result of the flow with what the consumer has counted.
    fileprivate func expectFigures(since start: Duration) throws {
        func compare<Value: Equatable>(_ name: String, _ told: Value, _ was: Value) throws {
            try expect(told == was, "the result tells of \(name) \(told), and the consumer has counted \(was)")
        }
        let summary = try result().summary
        let snapshot = probe.snapshot
        try compare("elements:", summary.elements, snapshot.delivery.accepted.elements)
        try compare("a weight of", summary.weight, snapshot.delivery.accepted.weight)
        try compare("pauses:", summary.pauses, probe.pauses)
        try compare("a peak of", summary.peakLevel, snapshot.peak)
        guard !clock.isReal else { return }
        try compare("a time paused of", summary.timePaused, probe.timePaused)
        try compare("a duration of", summary.duration, clock.scheduler.now - start)
    }
}
