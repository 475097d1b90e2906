import Penstock

/// C8.5 and C10: what is counted, and what is bounded.
extension ConsumerSuite {
    static func nothingInSilence() -> [Check] {
        [
            Check("what an abort drops is counted, elements and weight") { t in
                try t.requireExact()
                t.write(t.unit)
                t.write(t.unit * 2)
                t.writeAll([t.unit, t.unit])
                try await t.drain(t.unit)
                t.abort()
                await t.settle()
                let delivery = t.snapshot.delivery
                try t.expect(delivery.dropped, .init(elements: 3, weight: t.unit * 4), "what was dropped")
                try t.expect(delivery.accepted, .init(elements: 4, weight: t.unit * 5), "what was accepted")
                if let end = t.ends.first {
                    try t.expect(end.delivery.dropped, delivery.dropped, "what the owner was told")
                }
            },
            Check("what comes after the end is counted as refused, elements and weight") { t in
                t.abort()
                await t.settle()
                t.write(t.unit * 2)
                t.writeAll([t.unit, t.unit])
                let refused = t.snapshot.delivery.refused
                try t.expect(refused.elements, 3, "the elements refused")
                if t.isExact { try t.expect(refused.weight, t.unit * 4, "the weight refused") }
            },
            Check("whatever was written came out, or is counted as dropped or refused") { t in
                if case .never = t.subject.draining { t.write() } else { try await t.fill() }
                await t.drainAll()
                await t.settle()
                if case .never = t.subject.draining { t.write() } else { try await t.fill() }
                t.abort()
                await t.settle()
                t.write()
                try t.expect(t.snapshot.delivery.refused.elements, 1, "the elements refused")
            },
            Check("an orderly end drops nothing") { t in
                if case .never = t.subject.draining { t.write() } else { try await t.fill() }
                try await t.conclude()
                try t.expect(t.snapshot.delivery.dropped.elements, 0, "the elements dropped")
                try t.expect(t.snapshot.delivery.isComplete, "the delivery is not complete")
            },
        ]
    }

    static func peak(_ options: KitOptions) -> [Check] {
        [
            Check("a push producer that obeys lifts it to one element above the high mark", times: options.randomOrders)
            { t in
                if case .never = t.subject.draining { throw NotApplicable("it is never full by its level") }
                guard let marks = t.snapshot.marks else { throw NotApplicable("it has no marks") }
                let producer = try t.push()
                let heaviest = t.subject.leastWeight + t.marks.high / 3
                var highest = 0
                for _ in 0..<60 {
                    if producer.state == .running {
                        t.write(Int.random(in: t.subject.leastWeight...heaviest, using: &t.random))
                    } else {
                        await t.drainAll()
                        await t.settle()
                    }
                    highest = max(highest, t.snapshot.level)
                }
                let peak = t.snapshot.peak
                try t.expect(peak <= marks.high + heaviest, "a peak of \(peak), with a high mark of \(marks.high)")
                try t.expect(peak >= highest, "a peak of \(peak), although the level was \(highest)")
                if t.isExact {
                    try t.expect(highest <= marks.high + heaviest, "a level of \(highest)")
                    try t.expect(peak > marks.high, "a peak of \(peak), although it was full")
                }
            },
            Check("a pull producer lifts it to one element above the low mark") { t in
                if case .never = t.subject.draining { throw NotApplicable("it is never full by its level") }
                guard let marks = t.snapshot.marks else { throw NotApplicable("it has no marks") }
                let producer = StrictPullProducer(recorder: t.log)
                producer.onAsk = { [unowned t] in if producer.questions < 500 { t.write() } }
                try t.register(producer)
                for _ in 0..<20 {
                    await t.settle()
                    await t.drainAll()
                }
                let peak = t.snapshot.peak
                try t.expect(peak <= marks.low + t.unit, "a peak of \(peak), with a low mark of \(marks.low)")
                if t.isExact {
                    try t.expect(peak > marks.low, "a peak of \(peak), although it was asked up to the low mark")
                }
            },
        ]
    }

    static func bounded() -> [Check] {
        func limit(_ t: Trial) throws -> Int {
            guard let limit = t.subject.limit else { throw NotApplicable("it has no hard limit") }
            return limit
        }
        /// Writes whatever the answer until the stream ends.
        func overrun(_ t: Trial, _ limit: Int) async throws -> Int {
            try await t.fill()
            let weight = max(t.unit, limit / 50)
            var highest = 0
            for _ in 0..<1000 {
                let before = t.snapshot.level
                highest = max(highest, before)
                if t.write(weight) == .closed {
                    t.mayDrop = true
                    t.isClosed = true
                    return before
                }
                try t.expect(before <= limit, "a write was taken at a level of \(before), above the limit of \(limit)")
            }
            throw TrialFailure("a writer that does not obey lifted the level to \(highest), with a limit of \(limit)")
        }
        return [
            Check("a writer that does not obey ends the stream") { t in
                let limit = try limit(t)
                let producer = try t.push()
                let level = try await overrun(t, limit)
                try t.expect(level > limit, "a write was refused at a level of \(level), below the limit of \(limit)")
                await t.settle()
                try t.expectOver("the end")
                try t.expect(producer.stopReason?.code, .overflow, "the code that the producer was stopped with")
                let words = producer.stopReason?.description ?? ""
                try t.expect(
                    words.contains("\(level)") && words.contains("\(limit)"),
                    "the reason names neither the level of \(level) nor the limit of \(limit): '\(words)'"
                )
                guard t.subject.observeEnd != nil else { return }
                try t.expect(t.ends.map { $0.reason.code }, [.overflow], "what the owner was told")
            },
            Check("the limit is 64 times the high mark") { t in
                let limit = try limit(t)
                guard let marks = t.snapshot.marks else { throw NotApplicable("it has no marks") }
                try t.expect(limit, marks.high * 64, "the hard limit")
            },
            Check("one element, however heavy, never meets it by itself") { t in
                let limit = try limit(t)
                try t.requireExact()
                try t.expect(t.write(limit * 2), .full, "the answer to an element heavier than the limit")
                try t.expect(t.snapshot.phase, .open, "the phase")
                await t.drainAll()
                t.writeAll([t.unit, limit * 2])
                try t.expect(t.snapshot.phase, .open, "the phase after a heavy sequence")
                try await t.conclude()
            },
            Check("a refused element is counted") { t in
                let limit = try limit(t)
                _ = try await overrun(t, limit)
                await t.settle()
                try t.expect(t.snapshot.delivery.refused.elements, 1, "the elements refused")
                try t.expect(t.write(), .closed, "the answer to the next write")
            },
        ]
    }
}
