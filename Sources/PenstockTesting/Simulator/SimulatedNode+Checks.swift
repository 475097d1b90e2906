import Penstock

/// What must hold between steps, and at rest.
extension SimulatedNode {
    /// What it waits for, in words.
    var waits: String {
        let waits = inner.snapshot.waits
        return waits.isEmpty ? "" : "; it waits for " + waits.map(\.reason).joined(separator: ", and for ")
    }

    /// What holds between any two steps.
    func check() {
        sync()
        let stands = Standing(self)
        follow(stands)
        if stands.level != level { return breach("C4.6", "the level is \(stands.level), not \(level)") }
        let expected: FlowControl.Phase = phase == .draining && level == 0 ? .ended : phase
        if stands.phase != expected { return breach("C6.3", "the phase is \(stands.phase), not \(expected)") }
        phase = expected
        if stands.delivery.accepted.elements != accepted.elements
            || plan.kind != .framer && stands.delivery.accepted.weight != accepted.weight
        {
            return breach("C8.5", "has accepted \(stands.delivery.accepted), not \(accepted)")
        }
        if stands.delivery.refused.elements != refused {
            return breach("C3.2", "has refused \(stands.delivery.refused.elements), not \(refused)")
        }
        if owesStop { return breach("C6.1", "has ended and not stopped its producer") }
        if phase == .ended, plan.kind != .framer, plan.kind != .null, plan.kind != .transport, !mayDiscard,
            stands.delivery.dropped.elements != dropped
        {
            return breach("C8.5", "has dropped \(stands.delivery.dropped.elements), not \(dropped)")
        }
        if let transport { compare(transport) }
        if let collector, collector.elements.count != accepted.elements {
            return breach("C3.7", "has gathered \(collector.elements.count) elements, not \(accepted.elements)")
        }
        checkProducer(stands)
    }

    /// What has left a transport is what was written, byte for byte.
    private func compare(_ transport: TestTransport) {
        while compared < transport.sent.count, compared < written.count {
            if transport.sent[compared] != written[compared] {
                return breach("C3.7", "sends a wrong byte at \(compared)")
            }
            compared += 1
        }
        if compared < transport.sent.count { breach("C3.7", "sends more than was written") }
    }

    /// A framer drops a line that has lost its end.
    private func follow(_ stands: Standing) {
        if plan.kind == .framer, phase == .draining, isFailed, stands.level == 0, !bytes.contains(10) { bytes = [] }
    }

    private func checkProducer(_ stands: Standing) {
        if stands.kind != kind { return breach("C1.1", "its producer is \(stands.kind), not \(kind)") }
        switch kind {
        case .none: return
        case .push:
            if push == nil { return breach("C1.9", "has let go of its producer") }
            if stands.isPaused != isPaused {
                return breach("C4.3", "thinks paused: \(stands.isPaused), told: \(isPaused)")
            }
            if !isPaused, isTaking, level > marks.high || isHeld {
                breach("C4.1", "has not paused its producer at a level of \(level), marks \(marks), held: \(isHeld)")
            }
        case .pull:
            if pull == nil { return breach("C1.9", "has let go of its producer") }
            if stands.isAsked != isAsked { return breach("C5.1", "thinks asked: \(stands.isAsked), asked: \(isAsked)") }
        }
    }

    /// What holds when nothing is left to do in this moment.
    func checkAtRest() {
        if isTaking, level <= marks.low, !isHeld {
            if kind == .push, isPaused {
                return breach("C4.8", "leaves its producer paused at a level of \(level), marks \(marks)")
            }
            if kind == .pull, !isAsked {
                return breach("C5.2", "leaves its producer unasked at a level of \(level), marks \(marks)")
            }
        }
        if phase == .ended, gate != nil, ends != 1 { return breach("C6.9", "has told its end \(ends) times") }
        if let transport, !transport.isOver, phase != .ended, level > 0, transport.kernel.space > 0 {
            return breach("C4.6", "keeps \(level) from a kernel that has room for \(transport.kernel.space)")
        }
        guard source != nil else { return }
        if plan.kind.isStage, isTaking, let gate {
            let isWaiting = gate.flow.holds.contains(.downstream)
            if isWaiting == isOpen {
                return breach("C4.8", "is held by what is behind it: \(isWaiting), which has room: \(isOpen)")
            }
        }
        if isOpen, plan.kind == .framer ? bytes.contains(10) : !held.isEmpty {
            return breach("C8.2", "keeps elements from a consumer that has room")
        }
        if phase == .ended, isAttached, plan.kind.isStage {
            return breach("C6.6", "has ended and not what is behind it")
        }
        if !isAttached, results != attachments {
            return breach("C6.8", "has told \(results) results of \(attachments) flows")
        }
    }
}

/// How a consumer stands by its own account.
private struct Standing {
    var level: Int
    var phase: FlowControl.Phase
    var kind: FlowControl.Kind
    var isPaused: Bool
    var isAsked: Bool
    var delivery: Delivery

    init(_ node: SimulatedNode) {
        if let flow = node.gate?.flow {
            level = flow.level
            phase = flow.phase
            kind = flow.kind
            isPaused = flow.isPaused
            isAsked = flow.isAsked
            delivery = flow.delivery
        } else {
            let snapshot = node.inner.snapshot
            level = snapshot.level
            phase = snapshot.phase
            kind = snapshot.kind
            isPaused = snapshot.isPaused
            isAsked = snapshot.isAsked
            delivery = snapshot.delivery
        }
    }
}
