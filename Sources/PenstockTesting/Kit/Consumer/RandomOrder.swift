import Penstock

/// A random order of calls on a consumer and, inside its signals, by its producers; a naive model says what must be true.
///
/// The model is that of the trial: what was written, what was taken, the holds, the marks.
final class RandomOrder<Element> {
    private let t: ConsumerTrial<Element>
    private var depth = 0
    /// What producers may still do inside signals, so that every order comes to an end.
    private var energy = 30
    private var isOver = false
    private let leastHigh: Int

    init(_ trial: ConsumerTrial<Element>) {
        t = trial
        leastHigh = trial.marks.high / 4
    }

    func run() async throws {
        for _ in 0..<40 {
            try await step()
            try check()
        }
        try await rest()
        energy = 0
        if chance(3) == 0 {
            t.abort()
            await t.settle()
        } else {
            try await t.conclude()
        }
        isOver = true
    }

    private func chance(_ count: Int) -> Int { Int.random(in: 0..<count, using: &t.random) }

    private func weight() -> Int { t.subject.leastWeight + chance(t.marks.high / 3 + 1) }

    private func step() async throws {
        switch chance(16) {
        case 0...3: t.write(weight())
        case 4: t.writeAll((0..<chance(4)).map { _ in weight() })
        case 5...7: try await drain()
        case 8: if t.subject.hold != nil { try t.hold(chance(2) == 0 ? "a" : "b") }
        case 9: if t.subject.release != nil { try t.release(chance(2) == 0 ? "a" : "b") }
        case 10: if t.registered == nil { try register() }
        case 11: if chance(3) == 0 { t.unregister() } else if t.registered == nil { try register() }
        case 12:
            guard t.subject.setMarks != nil, t.isExact else { return }
            let low = chance(40) * t.subject.leastWeight
            // So high that the hard limit, which follows them, is out of reach.
            try t.setMarks(low, max(low + chance(40) * t.subject.leastWeight, leastHigh))
        case 13: await t.clock.runTurn()
        case 14: try await rest()
        default: if t.subject.empty != nil { try t.writeEmpty() }
        }
    }

    private func drain() async throws {
        guard t.isExact, t.level > 0 else { return await t.drainAll() }
        // Whole elements: their weights, from the oldest that has not been taken.
        var gone = t.takenWeight
        var wanted = 0
        var count = 1 + chance(3)
        for entry in t.entries where entry.fate == .accepted && count > 0 {
            if gone >= entry.weight {
                gone -= entry.weight
                continue
            }
            wanted += entry.weight - gone
            gone = 0
            count -= 1
        }
        try await t.drain(wanted)
    }

    private func register() throws {
        if chance(2) == 0 {
            let producer = StrictProducer(recorder: t.log)
            producer.onPause = { [weak self] in self?.act() }
            producer.onResume = { [weak self] in self?.act() }
            try t.register(producer)
        } else {
            let producer = StrictPullProducer(recorder: t.log)
            producer.onAsk = { [weak self] in self?.act() }
            try t.register(producer)
        }
    }

    /// What a producer does inside a signal.
    private func act() {
        guard depth < 4, energy > 0, !isOver else { return }
        depth += 1
        energy -= 1
        defer { depth -= 1 }
        switch chance(10) {
        case 0...3: t.write(weight())
        case 4: t.writeAll((0..<chance(4)).map { _ in weight() })
        case 5: if t.isExact, t.subject.takeAtOnce != nil { t.takeAtOnce() }
        case 6:
            t.unregister()
            try? register()
        case 7: if t.subject.hold != nil { try? t.hold("inside") }
        case 8: if t.subject.hold != nil { try? t.release("inside") }
        default: break
        }
    }

    private func check() throws {
        let snapshot = t.snapshot
        if t.isExact { try t.expect(snapshot.level, t.level, "the level") }
        if case .never = t.subject.draining { try t.expect(snapshot.level, 0, "the level") }
        if let violation = t.parties.flatMap(\.violations).first {
            throw TrialFailure("an illegal signal: \(violation)")
        }
        guard t.isExact, case .push(let producer) = t.registered else { return }
        let hasRoom = t.level <= t.marks.high && t.holds.isEmpty
        try t.expect(hasRoom || producer.state == .paused, "a producer runs although there is no room")
    }

    /// Nobody waits for something that has come to be.
    private func rest() async throws {
        await t.settle()
        if chance(2) == 0 {
            for hold in t.holds { try t.release(hold) }
            await t.settle()
        }
        if !t.isExact {
            await t.drainAll()
            await t.settle()
        }
        guard t.holds.isEmpty, !t.isExact || t.level <= t.marks.low else { return }
        switch t.registered {
        case .push(let producer): try t.expect(producer.state == .running, "a producer was left paused")
        case .pull(let producer): try t.expect(producer.state == .asked, "a pull producer was left unasked")
        case nil: break
        }
    }
}

@available(*, unavailable)
extension RandomOrder: Sendable {}
