import Penstock

/// C5: questions, answers, and the turn that belongs to all.
extension ProducerSuite {
    var oneAnswer: [Check] {
        [
            Check("each question is answered with one element") { trial in
                try trial.needs(.pull)
                try trial.start()
                for number in 1...max(1, trial.expected.count) {
                    trial.probe.want(1)
                    try await trial.settle()
                    guard trial.probe.isRegistered else { break }
                    let count = trial.probe.received.count
                    try trial.expect(count == number, "to \(number) questions it wrote \(count) elements")
                }
                try await trial.takeAll()
                try trial.expectWhole()
            },
            Check("asked as soon as it has answered, it answers again") { trial in
                try trial.needs(.pull)
                try trial.start()
                try await trial.takeAll()
                try trial.expectWhole()
                let questions = trial.probe.questions
                let count = trial.probe.received.count
                try trial.expect(questions - count <= 1, "it was asked \(questions) times for \(count) elements")
            },
        ]
    }

    var lateAnswers: [Check] {
        [
            Check("not asked, it neither writes nor keeps the loop busy") { trial in
                try trial.needs(.pull)
                try trial.needs(4)
                try trial.start()
                trial.probe.want(2)
                try await trial.settle()
                try await trial.pass(.seconds(1))
                let count = trial.probe.received.count
                try trial.expect(count == 2, "it wrote \(count) elements to 2 questions")
            },
            Check("a question that comes while it works on the last starts no second answer") { trial in
                try trial.needs(.pull)
                try trial.needs(4)
                try trial.start()
                for _ in 0..<trial.expected.count where trial.probe.isRegistered {
                    trial.probe.want(1)
                    guard trial.probe.isAsked else { continue }
                    trial.probe.somebodyElseWrites()
                    try await trial.settle()
                }
                try await trial.takeAll()
                try trial.expectWhole()
            },
            Check("questions and the writes of others in any order", times: options.randomOrders) { trial in
                try trial.needs(.pull)
                try trial.start()
                for _ in 0..<(trial.expected.count * 3) where trial.probe.isRegistered {
                    switch trial.dice.below(4) {
                    case 0: trial.probe.want(1)
                    case 1: if trial.probe.isAsked { trial.probe.somebodyElseWrites() }
                    case 2: await trial.clock.runTurn()
                    default: try await trial.settle()
                    }
                }
                try await trial.takeAll()
                try trial.expectWhole()
                try trial.expect(
                    !trial.probe.isRegistered,
                    "it is still registered, and waits for what nobody tells it"
                )
            },
        ]
    }

    var turns: [Check] {
        [
            Check("it writes no more in one turn than its share") { trial in
                guard let most = try trial.alive().elementsPerTurn else {
                    throw NotApplicable("how much it writes in one turn is not its own decision, or is not known")
                }
                try trial.needs(2 * most)
                trial.probe.want()
                try trial.start()
                try await trial.settle()
                try trial.expectWhole()
                let count = trial.probe.mostInOneTurn
                try trial.expect(count <= most, "it wrote \(count) elements in one turn, and its share is \(most)")
            },
            Check("paused or not asked, it leaves the loop alone") { trial in
                try trial.needs(4)
                try trial.start()
                trial.probe.want(2)
                try await trial.settle()
                try await trial.pass(.seconds(1))
                guard let clock = trial.clock.scheduler as? VirtualClock else { return }
                try trial.expect(!clock.runTurn(), "it has the loop do something although nothing is wanted")
            },
        ]
    }

    var pullAsPush: [Check] {
        let paused = Check("paused, it asks for nothing") { trial in
            try trial.needsAdapter()
            try trial.needs(6)
            try trial.start()
            let asked = try trial.questions()
            try trial.expect(asked == 0, "paused at its registration, it asked \(asked) times")
            trial.probe.want(2)
            try await trial.settle()
            let before = try trial.questions()
            try await trial.pass(.seconds(1))
            trial.probe.repeatSignal()
            try await trial.pass(.seconds(1))
            let after = try trial.questions()
            try trial.expect(before == after, "it asked \(after - before) times while it was paused")
            try trial.expect(after == 2, "for 2 elements it asked \(after) times")
            try await trial.takeAll()
            try trial.expectWhole()
        }
        let obeys = (startsRunning + order + repeatedSignals + skid + wakeUps).map { check in
            Check("as any push producer: \(check.name)", times: check.times) { trial in
                try trial.needsAdapter()
                try await check.body(trial)
            }
        }
        return [paused] + obeys
    }
}

extension ProducerTrial {
    fileprivate func needsAdapter() throws {
        if try alive().questions == nil { throw NotApplicable("it adapts no pull producer") }
    }

    fileprivate func questions() throws -> Int { try alive().questions?() ?? 0 }
}
