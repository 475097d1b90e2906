import Penstock

/// Ways to leave a consumer without room.
enum Obstacle: CaseIterable {
    case level, hold

    var words: String { self == .level ? "by its level" : "by a hold" }
}

/// Filling, draining, and what is left when a check is over.
extension ConsumerTrial {
    /// Whether what is written is held until it is drained.
    var isExact: Bool {
        if case .exact = subject.draining { true } else { false }
    }

    /// How many writes may pass before something has to be full: what is behind a socket takes many.
    var patience: Int { isExact ? 1_000 : 100_000 }

    func requireExact() throws {
        switch subject.draining {
        case .exact: return
        case .everything: throw NotApplicable("what it holds leaves at a pace of its own")
        case .never: throw NotApplicable("it is never full by its level")
        }
    }

    /// Writes until there is no room; a registered push producer must be paused then.
    func fill() async throws {
        switch subject.draining {
        case .never:
            throw NotApplicable("it is never full by its level")
        case .exact:
            while level <= marks.high {
                try expect(write() != .closed, "a write to an open consumer was refused")
                try expect(snapshot.level, level, "the level while it is filled")
            }
        case .everything:
            // A network takes a little more now and then, so more than that must be held.
            let enough = clock.isReal ? 6 : 2
            var answers = 0
            for _ in 0..<patience where answers < enough {
                answers = write() == .full ? answers + 1 : 0
                await settle()
                guard !clock.isReal, answers > 0, case .push(let producer) = registered else { continue }
                if producer.state == .paused { answers = enough }
            }
            try expect(answers == enough, "it is never full, although something should become full behind it")
        }
        if case .push(let producer) = registered {
            try expect(producer.state == .paused, "the producer was not paused although there is no room")
        }
    }

    /// Has elements taken until this weight has gone.
    func drain(_ weight: Int) async throws {
        guard case .exact(let drain) = subject.draining else { return try requireExact() }
        log.record("drain \(weight)")
        takenWeight += weight
        takenWeight += await drain(weight) - weight
    }

    /// Has everything taken that is held now.
    func drainAll() async {
        switch subject.draining {
        case .never: return
        case .everything(let drain):
            log.record("drain all")
            await drain()
        case .exact(let drain):
            let held = level
            guard held > 0 else { return }
            log.record("drain all")
            takenWeight += held
            takenWeight += await drain(held) - held
        }
    }

    /// Leaves it without room; forgets the signals of that.
    func block(_ obstacle: Obstacle) async throws {
        switch obstacle {
        case .level: try await fill()
        case .hold:
            try hold("obstacle")
            if case .push(let producer) = registered {
                try expect(producer.state == .paused, "the producer was not paused by the hold")
            }
        }
        _ = newSignals()
    }

    /// Any way there is.
    func block() async throws {
        if case .never = subject.draining { try await block(.hold) } else { try await block(.level) }
    }

    /// Gives room again and lets everything come to rest.
    func unblock() async throws {
        if holds.contains("obstacle") { try release("obstacle") }
        await drainAll()
        await settle()
    }

    /// Ends the stream in order, whatever was done before, and has everything taken.
    func conclude() async throws {
        for hold in holds { try release(hold) }
        await settle()
        if registered != nil { unregister() }
        finish()
        await drainAll()
        await settle()
        try expectOver("the end of the stream")
    }

    func expectOver(_ what: String) throws {
        let snapshot = snapshot
        guard snapshot.phase != .ended else { return }
        throw TrialFailure("\(what) did not come: it is \(snapshot.phase) with a level of \(snapshot.level)")
    }

    /// What is wrong with any consumer at any time.
    public func audit() async throws {
        // Nothing that a check left behind may answer what comes now.
        for party in parties {
            switch party {
            case .push(let producer): (producer.onPause, producer.onResume, producer.onStop) = (nil, nil, nil)
            case .pull(let producer): (producer.onAsk, producer.onStop) = (nil, nil)
            }
        }
        onEnd = nil
        await settle()
        if snapshot.phase == .ended, let registered, !registered.isOver {
            throw TrialFailure("the stream has ended, and its producer was not stopped")
        }
        await connect()
        if registered != nil { unregister() }
        for hold in holds { try release(hold) }
        await settle()
        await drainAll()
        await settle()
        let problems = parties.flatMap(\.violations)
        if let first = problems.first { throw TrialFailure("an illegal signal: \(first)") }
        try expect(ends.count <= 1, "the owner was told \(ends.count) ends")
        try auditElements()
    }

    private func auditElements() throws {
        let snapshot = snapshot
        let delivery = snapshot.delivery
        let out = try elementsOut()
        try expect(snapshot.level, 0, "the level when everything has been taken")
        try expect(snapshot.peak >= snapshot.level, "the peak is below the level")
        let counted = delivery.accepted.elements + delivery.refused.elements - refusedEmpty
        try expect(counted, entries.count, "the elements counted as accepted or refused")
        if isExact {
            let weight = delivery.accepted.weight + delivery.refused.weight
            try expect(weight, entries.map(\.weight).reduce(0, +), "the weight counted as accepted or refused")
        }
        guard subject.keepsElements else { return }
        let left = delivery.accepted.elements - delivery.dropped.elements
        switch subject.draining {
        case .everything where mayDrop:
            try expect(
                out <= left,
                "\(out) elements came out, but only \(left) are counted as accepted and not dropped"
            )
        default:
            try expect(out, left, "the elements that came out, by what was accepted and not dropped")
        }
    }

    /// How many whole elements came out; throws if they are not what was accepted, in the order of the calls.
    private func elementsOut() throws -> Int {
        let output = subject.output()
        var rest = output[...]
        var whole = 0
        for (number, entry) in entries.enumerated() {
            guard !rest.isEmpty else {
                if entry.fate == .accepted, !mayDrop, !entry.content.isEmpty {
                    throw TrialFailure("element \(number + 1) was accepted and never came out")
                }
                continue
            }
            if entry.content.count <= rest.count, rest.prefix(entry.content.count).elementsEqual(entry.content) {
                try expect(entry.fate != .refused, "element \(number + 1) came out, although its write was refused")
                rest = rest.dropFirst(entry.content.count)
                whole += 1
            } else if mayDrop, rest.count < entry.content.count, entry.content.prefix(rest.count).elementsEqual(rest) {
                rest = []
            } else if entry.fate == .accepted {
                throw TrialFailure("element \(number + 1) did not come out at its place")
            }
        }
        try expect(rest.isEmpty, "something came out that was never written, or twice, or out of order")
        return whole
    }
}
