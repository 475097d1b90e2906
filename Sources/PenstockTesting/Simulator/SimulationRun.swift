import Penstock

/// One run of a script: the world, and the check after each step.
final class SimulationRun {
    /// The holds that a script can name by number; the last is for meters.
    static let holds: [Hold] = ["a", "b", "c"]
    /// After so many turns a world should have come to rest.
    private static let patience = 20_000

    let clock = VirtualClock()
    let tape = SimulationTape()
    let census = SimulationCensus()
    private(set) var nodes: [SimulatedNode] = []
    private var meters: [SimulatedMeter] = []
    private var waiting: [SimulationStep] = []
    private var depth = 0
    private var step: Int?
    private(set) var found: SimulationBreach?
    /// How many signals there have been.
    var activity = 0
    /// How many registrations are under way that must be refused.
    var refusals = 0
    /// Whether the last step could not do anything.
    private(set) var wasIdle = false

    init(_ world: SimulationWorld, subject: SimulationSubject.Maker?) {
        clock.turn.weightPerTurn = world.share
        clock.turn.leastShare = min(world.share, 64 << 10)
        var previous: SimulatedParts?
        for (index, plan) in world.nodes.enumerated() {
            let parts = SimulatedParts(plan, clock: clock, previous: previous, subject: subject) { [unowned self] in
                try nodes[index].transform()
            }
            let node = SimulatedNode(plan, index: index, run: self, parts: parts)
            node.gate?.onEnd = { [unowned node] _, _ in node.ended() }
            parts.null?.onElement = { [unowned node] element in node.show(element) }
            if plan.kind == .reader { parts.buffer?.onReadable = { [unowned self] in react(.readable, at: index) } }
            if plan.kind == .back, let other = nodes.last {
                node.partner = other
                other.partner = node
            }
            nodes.append(node)
            previous = parts
        }
        for (index, plan) in world.meters.enumerated() {
            meters.append(SimulatedMeter(plan, index: index, run: self))
        }
    }

    var isBroken: Bool { found != nil }

    /// Takes all steps of a script.
    ///
    /// - Returns: The first breach; how many steps were taken; and the number of the first step that could not do anything.
    static func breach(
        of script: SimulationScript,
        subject: SimulationSubject.Maker?,
        untilIdle: Bool = false
    ) -> (breach: SimulationBreach?, idle: Int?) {
        let run = SimulationRun(script.world, subject: subject)
        var idle: Int?
        for (index, step) in script.steps.enumerated() {
            run.step = index + 1
            run.take(step)
            if run.wasIdle, idle == nil { idle = index }
            if run.isBroken || untilIdle && idle != nil { break }
        }
        if !run.isBroken, !untilIdle || idle == nil {
            run.step = nil
            run.close()
        }
        // What is left over is let go of while there is still somebody who counts it.
        run.waiting = []
        withExtendedLifetime(run) { run.nodes = [] }
        return (run.found, idle)
    }

    func breach(_ rule: String, _ problem: @autoclosure () -> String) {
        guard found == nil else { return }
        found = SimulationBreach(rule: rule, problem: problem(), step: step)
    }

    // MARK: Steps

    private func take(_ step: SimulationStep) {
        wasIdle = false
        if step.signal != .none {
            waiting.append(step)
            return
        }
        carryOut(step)
        guard !isBroken else { return }
        check()
        if step.verb == .rest, !isBroken { checkAtRest() }
    }

    /// A signal has come: takes the first step that waits for it.
    func react(_ signal: SimulationSignal, at place: Int) {
        activity += 1
        guard !waiting.isEmpty, !isBroken,
            let index = waiting.firstIndex(where: { $0.signal == signal && $0.place == place })
        else { return }
        let step = waiting.remove(at: index)
        depth += 1
        carryOut(step)
        depth -= 1
    }

    private func carryOut(_ step: SimulationStep) {
        switch step.verb {
        case .turn, .rest, .advance:
            guard depth == 0 else { return }
            switch step.verb {
            case .turn: wasIdle = !clock.runTurn()
            case .rest: rest()
            default: clock.advance(by: .milliseconds(min(step.first, 60_000)))
            }
        default:
            guard nodes.indices.contains(step.first) else { return wasIdle = true }
            carryOut(step, at: nodes[step.first])
        }
    }

    private func carryOut(_ step: SimulationStep, at node: SimulatedNode) {
        switch step.verb {
        case .write: write(to: node, weight: min(step.second, 1000), ending: step.third)
        case .writeAll:
            node.write(contentsOf: (0..<min(step.second, 100)).map { element((step.third + $0) % 4, ending: $0 % 4) })
        case .take:
            if node.held.isEmpty { wasIdle = depth == 0 }
            node.take()
        case .hold: hold(step.second, at: node)
        case .release: release(step.second, at: node)
        case .push:
            do { try node.register(SimulatedPush(node: node, supply: step.second, weight: max(1, step.third))) } catch {
            }
            if let push = node.push, !push.isStage { push.produce() }
        case .pull: node.register(SimulatedPull(node: node, supply: step.second, weight: step.third))
        case .unregister:
            if !node.hasProducer { wasIdle = depth == 0 }
            node.unregisterProducer()
        case .finish: node.finish()
        case .fail: node.fail(SimulatedError())
        case .abort: node.abort(.aborted)
        case .attach: attach(node, atEnd: step.second == 0 ? .finish : .leaveOpen)
        case .breaks: node.breaks = node.plan.kind == .map
        case .marks: setMarks(of: node, low: step.second, high: step.second + step.third)
        case .add: if meters.indices.contains(step.second) { meters[step.second].add(to: node) }
        case .remove: if meters.indices.contains(step.second) { meters[step.second].remove(from: node) }
        case .kernel:
            guard let transport = node.transport else { return wasIdle = true }
            transport.kernelTakes(min(step.second, 1000))
        case .lose:
            guard let transport = node.transport else { return wasIdle = true }
            if !transport.isOver { node.end() }
            transport.peerResets()
        case .turn, .rest, .advance: break
        }
    }

    private func rest() {
        if !clock.settle(turns: Self.patience) { breach("C5.3", "the world never comes to rest") }
    }

    func write(to node: SimulatedNode, weight: Int, ending: Int) {
        node.write(element(weight, ending: ending))
    }

    /// A new element: letters, with the end of a line or not.
    private func element(_ weight: Int, ending: Int) -> SimulationElement {
        let number = tape.bytes.count
        let letter = UInt8(97 + number % 26)
        for _ in 0..<weight { tape.bytes.append(letter) }
        switch ending {
        case 1 where weight > 0: tape.bytes[number + weight - 1] = 10
        case 2 where weight > 1:
            tape.bytes[number + weight - 2] = 13
            tape.bytes[number + weight - 1] = 10
        case 3: for offset in 0..<weight where offset % 2 == 0 { tape.bytes[number + offset] = 10 }
        default: break
        }
        return SimulationElement(tape: tape, number: number, byteCount: weight)
    }

    private func hold(_ number: Int, at node: SimulatedNode) {
        guard let gate = node.gate, Self.holds.indices.contains(number) else { return wasIdle = true }
        if node.holds & (1 << number) != 0 { wasIdle = depth == 0 }
        node.holds |= 1 << number
        gate.hold(Self.holds[number])
    }

    private func release(_ number: Int, at node: SimulatedNode) {
        guard let gate = node.gate, Self.holds.indices.contains(number) else { return wasIdle = true }
        if node.holds & (1 << number) == 0 { wasIdle = depth == 0 }
        node.holds &= ~(1 << number)
        gate.release(Self.holds[number])
    }

    private func setMarks(of node: SimulatedNode, low: Int, high: Int) {
        guard let gate = node.gate, !node.isSink else { return wasIdle = true }
        let raised = node.plan.kind == .framer ? SimulatedParts.longestLine + 1 + entryOverhead : 0
        node.marks = (low + raised, high + raised)
        gate.marks = Watermarks(low: low + raised, high: high + raised)
    }

    private func attach(_ node: SimulatedNode, atEnd: EndPolicy) {
        guard let source = node.source, let index = node.plan.target, !node.isAttached else { return wasIdle = true }
        let link = SimulatedLink(from: node, to: nodes[index])
        node.isAttached = true
        node.isOpen = true
        node.attachments += 1
        do {
            try source.attach(to: link, atEnd: atEnd) { [unowned node] _ in node.isTold() }
        } catch {
            node.isAttached = false
            node.isOpen = false
            node.attachments -= 1
        }
    }

    // MARK: Checks

    private func check() {
        for node in nodes {
            node.check()
            if isBroken { return }
        }
        for meter in meters { meter.check(nodes) }
    }

    private func checkAtRest() {
        var registered = 0
        for node in nodes {
            node.checkAtRest()
            if node.hasProducer { registered += 1 }
        }
        for meter in meters { meter.checkAtRest(nodes) }
        if census.producers != registered {
            breach("C1.9", "there are \(census.producers) producers, and \(registered) are registered")
        }
    }

    // MARK: The end

    /// Releases everything, reads it out and ends it: what was left behind shows.
    private func close() {
        waiting = []
        rest()
        check()
        if isBroken { return }
        checkAtRest()
        for node in nodes where !isBroken {
            for number in Self.holds.indices { release(number, at: node) }
            if node.source != nil, !node.isAttached { attach(node, atEnd: .finish) }
        }
        runOut()
        for node in nodes.reversed() where !isBroken {
            if let push = node.push, !push.isStage { node.unregisterProducer() }
            if node.pull != nil { node.unregisterProducer() }
            node.finish()
            runOut()
        }
        // What was unregistered while it was paused waits for ever, and with it what it holds of a common credit.
        for node in nodes.reversed() where !isBroken && node.phase != .ended && !node.isOpen && node.source != nil {
            node.abort(.aborted)
            runOut()
        }
        guard !isBroken else { return }
        for node in nodes where node.phase != .ended { node.breach("C6.3", "does not end\(node.waits)") }
        checkAtRest()
        if isBroken { return }
        checkReleased()
    }

    /// Reads and waits until nothing moves any more.
    private func runOut() {
        for _ in 0..<1000 where !isBroken {
            var moved = false
            rest()
            for node in nodes {
                if let transport = node.transport, !transport.isOver, node.level > 0 {
                    transport.kernelTakes(node.level)
                    moved = true
                }
            }
            for node in nodes where node.taking != nil {
                while !node.held.isEmpty, !isBroken {
                    node.take()
                    moved = true
                }
            }
            if !moved, clock.isIdle { break }
            clock.advance(by: .seconds(10))
        }
        if isBroken { return }
        rest()
        check()
        if !isBroken { checkAtRest() }
    }

    private func checkReleased() {
        let gates = nodes.map { WeakGate(gate: $0.gate, isNil: $0.gate == nil) }
        let kinds = nodes.map(\.plan.kind)
        nodes = []
        meters = []
        for (index, gate) in gates.enumerated() where !gate.isNil && gate.gate != nil {
            breach("C1.9", "node \(index) (\(kinds[index].rawValue)) is held by somebody after its end")
        }
    }

    private struct WeakGate {
        weak var gate: Gate?
        var isNil: Bool
    }
}
