import Penstock

/// A meter of a simulated world, and which gates it should know of.
final class SimulatedMeter {
    private let meter: any Meter
    private let account: Account?
    private let bucket: TokenBucket?
    private let spy: SimulatedSpy?
    private var attached: UInt64 = 0
    private unowned let run: SimulationRun

    init(_ plan: SimulationWorld.Meter, index: Int, run: SimulationRun) {
        self.run = run
        var account: Account?
        var bucket: TokenBucket?
        var spy: SimulatedSpy?
        switch plan.kind {
        case .account:
            let made = Account(marks: Watermarks(low: plan.low, high: plan.high))
            account = made
            meter = made
        case .bucket:
            let made = TokenBucket(rate: Double(plan.low), burst: Double(max(1, plan.high)), scheduler: run.clock)
            bucket = made
            meter = made
        case .spy:
            let made = SimulatedSpy(index: index, run: run)
            spy = made
            meter = made
        }
        self.account = account
        self.bucket = bucket
        self.spy = spy
    }

    func add(to node: SimulatedNode) {
        guard let gate = node.gate, !has(node) else { return }
        attached |= 1 << UInt64(node.index)
        gate.add(meter)
    }

    func remove(from node: SimulatedNode) {
        guard let gate = node.gate, has(node) else { return }
        attached &= ~(1 << UInt64(node.index))
        gate.remove(meter)
    }

    private func has(_ node: SimulatedNode) -> Bool {
        if node.gate?.end != nil { attached &= ~(1 << UInt64(node.index)) }
        return attached & (1 << UInt64(node.index)) != 0
    }

    /// What holds between any two steps.
    func check(_ nodes: [SimulatedNode]) {
        var sum = 0
        for node in nodes {
            let isAttached = has(node)
            if isAttached { sum += node.level }
            guard let gate = node.gate else { continue }
            if let hold, !isAttached, gate.flow.holds.contains(hold) {
                node.breach("C4.8", "has the hold '\(hold)' of a meter that it does not have")
            }
            if let spy, let told = spy.told(of: gate), !isAttached || told != node.level {
                node.breach("C4.6", "a meter was told of a level of \(told), and it is \(isAttached ? node.level : 0)")
            }
        }
        if let account, account.used != sum {
            run.breach("C4.6", "the account counts \(account.used), the levels are \(sum)")
        }
    }

    /// What holds when nothing is left to do in this moment.
    func checkAtRest(_ nodes: [SimulatedNode]) {
        if let account {
            if account.isExhausted ? account.used <= account.marks.low : account.used > account.marks.high {
                run.breach(
                    "C4.8",
                    "the account counts \(account.used) of \(account.marks), exhausted: \(account.isExhausted)"
                )
            }
        }
        let isHolding = account?.isExhausted ?? bucket.map { $0.available <= 0 }
        guard let hold, let isHolding else { return }
        for node in nodes where has(node) {
            let isHeld = node.gate?.flow.holds.contains(hold) ?? false
            if account != nil, isHeld != isHolding {
                node.breach("C4.8", "has the hold '\(hold)': \(isHeld), due: \(isHolding)")
            }
            if bucket != nil, isHolding, !isHeld { node.breach("C4.8", "has not the hold '\(hold)', which is due") }
            if bucket != nil, isHeld, run.clock.isIdle {
                node.breach("C4.8", "has the hold '\(hold)', and nothing releases it")
            }
        }
    }

    private var hold: Hold? { account != nil ? .budget : bucket != nil ? .rateLimit : nil }
}

/// A meter that only looks whether it is told everything, in order.
final class SimulatedSpy: Meter {
    private let index: Int
    private unowned let run: SimulationRun
    private var gates: [(gate: ObjectIdentifier, level: Int)] = []

    init(index: Int, run: SimulationRun) {
        self.index = index
        self.run = run
    }

    func told(of gate: Gate) -> Int? { gates.first { $0.gate == ObjectIdentifier(gate) }?.level }

    func attached(to gate: Gate) {
        if told(of: gate) != nil { run.breach("C6.9", "a meter is attached to '\(gate.name)' twice") }
        gates.append((ObjectIdentifier(gate), 0))
    }

    func accepted(_ weight: Int, at gate: Gate) {
        add(weight, gate, "accepted")
        run.react(.accepted, at: index)
    }

    func drained(_ weight: Int, at gate: Gate) {
        add(-weight, gate, "drained")
        run.react(.drained, at: index)
    }

    func detached(from gate: Gate) {
        if let level = told(of: gate), level != 0 {
            run.breach("C4.6", "a meter is detached from '\(gate.name)' with \(level) that was not given back")
        }
        gates.removeAll { $0.gate == ObjectIdentifier(gate) }
    }

    private func add(_ weight: Int, _ gate: Gate, _ word: String) {
        guard let place = gates.firstIndex(where: { $0.gate == ObjectIdentifier(gate) }) else {
            return run.breach(
                "C4.6",
                "a meter is told of \(weight) \(word) at '\(gate.name)', to which it is not attached"
            )
        }
        gates[place].level += weight
        if gates[place].level < 0 {
            run.breach("C4.6", "a meter is told that '\(gate.name)' gave back more than it had accepted")
        }
    }
}
