import Penstock

/// C3 and C4: what a producer writes, and that it obeys.
extension ProducerSuite {
    var order: [Check] {
        [
            Check("everything comes, in order") { trial in
                try trial.start()
                try await trial.takeAll()
                try trial.expectWhole()
            },
            Check("one by one, everything comes, in order") { trial in
                try trial.start()
                try await trial.takeOneByOne()
                try trial.expectWhole()
            },
            Check("in portions, everything comes, in order", times: options.randomOrders) { trial in
                try trial.start()
                for _ in 0..<(trial.expected.count * 2) where trial.probe.isRegistered {
                    trial.probe.want(1 + trial.dice.below(4))
                    if trial.dice.below(2) == 0 { await trial.clock.runTurn() } else { try await trial.settle() }
                }
                try await trial.takeAll()
                try trial.expectWhole()
            },
            Check("a buffer that is read at random gets everything, in order", times: options.randomOrders) { trial in
                let fixture = try trial.alive()
                let (buffer, recording) = try trial.makeBuffer(marks: Watermarks(low: 1, high: 3))
                try trial.start(into: recording)
                let read = try await trial.read(buffer)
                try trial.expect(
                    fixture.begins(fixture.expected, read) && fixture.begins(read, fixture.expected),
                    "of \(fixture.expected.count) expected elements, \(read.count) came, or others"
                )
            },
        ]
    }

    var insideSignals: [Check] {
        [
            Check("its stack does not grow with the number of its elements") { trial in
                try trial.needs(8)
                try trial.start()
                try await trial.takeAll()
                let depth = trial.probe.deepening
                try trial.expect(depth < 6, "\(depth) writes in a row each came from deeper in the stack than the last")
            },
            Check("it is ended inside each of its writes") { trial in
                try trial.needs(4)
                let probe = trial.probe
                probe.onWrite = { [unowned probe] count in if count == 2 { probe.end(.aborted) } }
                probe.want()
                try trial.start()
                try await trial.pass(.seconds(1))
                let count = probe.received.count + probe.refused
                try trial.expect(
                    count <= 2 + trial.subject.skid,
                    "it wrote \(count) elements, and was stopped inside the second"
                )
            },
        ]
    }

    var repeatedSignals: [Check] {
        [
            Check("two pauses and one resume: it goes on") { trial in
                try trial.needs(.push)
                try trial.needs(4)
                try trial.start()
                for _ in 0..<trial.expected.count where trial.probe.isRegistered {
                    trial.probe.repeatSignal()
                    let before = trial.probe.received.count
                    trial.probe.want(1)
                    try await trial.settle()
                    let isGoingOn = !trial.probe.isRegistered || trial.probe.received.count > before
                    try trial.expect(isGoingOn, "it was paused twice and resumed, and writes nothing")
                }
            },
            Check("a second pause does not let it go on") { trial in
                try trial.needs(.push)
                try trial.needs(4)
                try trial.start()
                trial.probe.want(1)
                trial.probe.repeatSignal()
                try await trial.settle()
                trial.probe.repeatSignal()
                try await trial.pass(.seconds(1))
            },
            Check("resumed while it runs, it goes on as before", times: options.randomOrders) { trial in
                try trial.needs(.push)
                try trial.start()
                trial.probe.want()
                for _ in 0..<(trial.expected.count * 2) where trial.probe.isRegistered {
                    for _ in 0...trial.dice.below(2) { trial.probe.repeatSignal() }
                    await trial.clock.runTurn()
                }
                try await trial.settle()
                try trial.expectWhole()
            },
        ]
    }

    var skid: [Check] {
        [
            Check("paused inside a write") { trial in
                try trial.needs(.push)
                try trial.needs(4)
                try trial.start()
                trial.probe.want(2)
                try await trial.pass(.seconds(1))
                let count = trial.probe.received.count
                try trial.expect(count >= 2, "it wrote \(count) elements of the 2 that were wanted")
            },
            Check("paused between two turns", times: options.randomOrders) { trial in
                try trial.needs(.push)
                try trial.needs(4)
                try trial.start()
                trial.probe.want()
                for _ in 0..<trial.dice.below(4) { await trial.clock.runTurn() }
                trial.probe.holdBack()
                try await trial.pass(.seconds(1))
            },
            Check("paused by somebody on a later turn", times: options.randomOrders) { trial in
                try trial.needs(.push)
                let probe = trial.probe
                let scheduler = trial.clock.scheduler
                let moment = 1 + trial.dice.below(trial.expected.count)
                probe.onWrite = { [unowned probe] count in
                    if count == moment { scheduler.onLaterTurn { [weak probe] in probe?.holdBack() } }
                }
                try trial.start()
                probe.want()
                try await trial.pass(.seconds(1))
            },
        ]
    }

    var wakeUps: [Check] {
        [
            Check("each time it is resumed or asked, it goes on") { trial in
                try trial.start()
                try await trial.takeOneByOne()
                try trial.expect(
                    !trial.probe.isRegistered,
                    "it is still registered, and waits for what nobody tells it"
                )
            },
            Check("paused and resumed in one turn, it goes on") { trial in
                try trial.start()
                trial.probe.want()
                for _ in 0..<trial.expected.count where trial.probe.isRegistered {
                    trial.probe.holdBack()
                    trial.probe.want()
                    trial.probe.holdBack()
                    trial.probe.want()
                    await trial.clock.runTurn()
                }
                try await trial.settle()
                try trial.expectWhole()
                try trial.expect(
                    !trial.probe.isRegistered,
                    "it is still registered, and waits for what nobody tells it"
                )
            },
            Check("paused and resumed in one turn, and never again, it goes on", times: options.randomOrders) { trial in
                try trial.start()
                trial.probe.want()
                for _ in 0..<trial.dice.below(4) { await trial.clock.runTurn() }
                trial.probe.holdBack()
                trial.probe.want()
                try await trial.settle()
                try trial.expectWhole()
            },
            Check(
                "in any order of pauses, resumes, questions and turns, it comes to its end",
                times: options.randomOrders
            ) {
                trial in
                try await trial.goAtRandom()
                trial.probe.onWrite = nil
                try await trial.takeAll()
                try trial.expectWhole()
                try trial.expect(
                    !trial.probe.isRegistered,
                    "it is still registered, and waits for what nobody tells it"
                )
            },
        ]
    }
}

extension ProducerTrial {
    /// Wants an element, waits for it, and so on to the end.
    func takeOneByOne() async throws {
        // One more than there are: the last question may be the one that is answered with the end.
        for _ in 0...max(expected.count * 2, 64) where probe.isRegistered {
            let before = probe.received.count
            probe.want(1)
            try await settle()
            guard probe.isRegistered, probe.received.count == before else { continue }
            throw TrialFailure("it was resumed or asked after \(before) elements, and wrote nothing")
        }
    }

    /// Starts, and gives signals in random order.
    func goAtRandom() async throws {
        let scheduler = clock.scheduler
        probe.onWrite = { [unowned self] _ in
            switch dice.below(6) {
            case 0: probe.holdBack()
            case 1:
                probe.holdBack()
                scheduler.onLaterTurn { [weak probe] in probe?.want(2) }
            default: break
            }
        }
        if dice.below(2) == 0 { probe.want(1 + dice.below(3)) }
        try start()
        for _ in 0..<(expected.count * 3) {
            switch dice.below(8) {
            case 0, 1: probe.want(1 + dice.below(4))
            case 2: probe.holdBack()
            case 3: probe.repeatSignal()
            case 4: try await settle()
            case 5: try await pass(.milliseconds(1 + dice.below(50)))
            default: await clock.runTurn()
            }
        }
    }

    /// A buffer with what records its calls before it.
    func makeBuffer(marks: Watermarks) throws -> (Buffer<Element>, RecordingConsumer<Element>) {
        let fixture = try alive()
        let buffer = Buffer<Element>(marks: marks, weight: fixture.weight, scheduler: clock.scheduler)
        return (buffer, RecordingConsumer(buffer, recorder: recorder, describe: fixture.describe))
    }

    /// Reads a buffer at random until it has ended or nothing more comes.
    func read(_ buffer: Buffer<Element>) async throws -> [Element] {
        var read: [Element] = []
        var idle = 0
        while idle < 3 {
            if dice.below(2) == 0 { await clock.runTurn() } else { try await settle() }
            let before = read.count
            for _ in 0..<(1 + dice.below(5)) {
                guard let element = buffer.take() else { break }
                read.append(element)
            }
            if read.count > before {
                idle = 0
            } else {
                try await settle()
                if buffer.isEmpty { idle += 1 }
            }
        }
        return read
    }
}
