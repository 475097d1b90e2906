import DequeModule

/// One end of a bounded pair of transports in memory: what is written to one end comes in at the other.
///
/// Elements cross on a later turn of the scheduler, as they would through a kernel, so two ends that answer each other
/// never nest. The level of an end counts what was written to it and has not been delivered at the other.
public final class Duplex<Element>: Transport, GatedConsumer {
    /// What is written to one end is what the other produces.
    public typealias Output = Element

    /// The outbound side: marks, holds, observer, `onEnd`.
    public let gate: Gate
    /// How many elements came in and were discarded, because nobody wanted them any more (C7.7).
    public private(set) var discarded = 0
    /// Told once when no more comes in: the other end has finished, or failed or been aborted with this reason.
    public var onInboundEnd: ((EndReason) -> Void)?

    private let weigh: (Element) -> Int
    private let outlet: Outlet<Element>
    private var held: Deque<(element: Element, weight: Int)> = []
    private weak var peer: Duplex?
    private var keptPeer: Duplex?
    private var inboundEnd: EndReason?
    private var discardsInbound = false
    private var isPumpDue = false
    private var deadline: ScheduledWork?

    /// Creates the two ends.
    ///
    /// - Parameters:
    ///   - marks: When each end pauses and resumes its producer.
    ///   - weight: What an element costs, at least 1.
    ///   - scheduler: Serves the isolation domain of both ends.
    ///   - name: Shown in snapshots, with "left" or "right".
    public static func pair(
        marks: Watermarks,
        weight: @escaping (Element) -> Int,
        scheduler: any Scheduler,
        name: String = "duplex"
    ) -> (left: Duplex, right: Duplex) {
        let left = Duplex(marks, weight, scheduler, "\(name) left")
        let right = Duplex(marks, weight, scheduler, "\(name) right")
        left.peer = right
        right.peer = left
        // Each end lives as long as the other may still say something; both let go when they have ended.
        left.keptPeer = right
        right.keptPeer = left
        return (left, right)
    }

    private init(_ marks: Watermarks, _ weight: @escaping (Element) -> Int, _ scheduler: any Scheduler, _ name: String)
    {
        weigh = weight
        outlet = Outlet(scheduler: scheduler)
        gate = Gate(name: name, flow: FlowControl(marks: marks), scheduler: scheduler)
        gate.owner = self
    }

    /// Unknown: the other end decides.
    public var expectedWeight: Int? { nil }

    // MARK: Outbound

    /// Writes an element to the other end.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        let weight = weigh(element)
        guard gate.admits(weight: weight) else { return .closed }
        held.append((element, weight))
        pumpLater()
        return gate.accept(weight: weight)
    }

    /// Writes several elements to the other end, as one decision.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        guard gate.admits(weight: 0, elements: 0) else {
            for element in elements { _ = gate.admits(weight: weigh(element)) }
            return .closed
        }
        var count = 0
        var total = 0
        for element in elements {
            let weight = weigh(element)
            precondition(weight >= 1, "an element weighs at least 1")
            held.append((element, weight))
            count += 1
            total += weight
        }
        guard count > 0 else { return gate.flow.hasRoom ? .room : .full }
        pumpLater()
        return gate.accept(weight: total, elements: count)
    }

    /// Ends both sides gracefully, within 30 seconds.
    public func finish() { finish(within: .seconds(30)) }

    /// Ends both sides gracefully; what still comes in is counted and discarded.
    public func finish(within deadline: Duration?) {
        stopReading(EndReason(.closedLocally))
        if let deadline, gate.end == nil, self.deadline == nil {
            self.deadline = gate.scheduler.schedule(after: deadline) { [weak self] in
                self?.abort(EndReason(.timedOut, detail: "the graceful end took longer than \(deadline)"))
            }
        }
        gate.finish()
    }

    /// Ends the write side gracefully; reading goes on.
    public func finishWriting() { gate.finish() }

    /// The write side has ended in order, or with an error behind what was held.
    public func gateDrained(_ reason: EndReason) {
        gate.end(reason)
        if reason.isOrderly { peer?.inboundEnded(reason) } else { reset(reason) }
        settleEnd()
    }

    /// Ends both ends now: what is held here is dropped, and the other end is lost.
    public func abort(_ reason: EndReason) {
        guard gate.end == nil || inboundEnd == nil else { return }
        gate.end(reason, telling: .later)
        reset(reason)
        settleEnd()
    }

    /// Drops what has not been delivered.
    public func discardHeld() -> Int {
        defer { held.removeAll() }
        return held.count
    }

    // MARK: Inbound

    /// Registers with the consumer and delivers what has come in.
    public func attach(
        to consumer: any Consumer<Element>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
        peer?.pumpLater()
        deliverEnd()
    }

    /// Delivers nothing more until the resume.
    public func pauseProducing() { outlet.paused() }

    /// Goes on delivering.
    public func resumeProducing() {
        outlet.resumed()
        peer?.pumpLater()
        deliverEnd()
    }

    /// Ends delivery for good; what comes in is counted and discarded, and the write side goes on (C7.7).
    public func stopProducing(_ reason: EndReason) {
        outlet.stopped(reason)
        discardsInbound = true
        peer?.pumpLater()
    }

    // MARK: Private

    private func pumpLater() {
        guard !isPumpDue, !held.isEmpty else { return }
        isPumpDue = true
        gate.scheduler.onLaterTurn { [self] in
            isPumpDue = false
            pump()
        }
    }

    /// Delivers what was held when the turn began; what is written meanwhile waits for the next.
    private func pump() {
        for _ in 0..<held.count {
            guard let peer, peer.discardsInbound || peer.outlet.isOpen, let (element, weight) = held.popFirst() else {
                return
            }
            if peer.discardsInbound { peer.discarded += 1 } else { peer.outlet.write(element) }
            if gate.end == nil { gate.drain(weight: weight) }
        }
        pumpLater()
    }

    /// Nothing more goes either way, and the other end learns of it on a later turn.
    private func reset(_ reason: EndReason) {
        stopReading(reason)
        guard let peer else { return }
        let lost = EndReason(.lost, error: reason, detail: "reset by the peer")
        gate.scheduler.onLaterTurn {
            peer.gate.end(lost)
            peer.inboundEnded(lost)
        }
    }

    private func inboundEnded(_ reason: EndReason) {
        guard inboundEnd == nil else { return }
        inboundEnd = reason
        let tell = onInboundEnd
        onInboundEnd = nil
        tell?(reason)  // C7.2: at once, also while paused
        deliverEnd()
        settleEnd()
    }

    /// The end comes behind the elements, and not to a paused consumer (C7.2).
    private func deliverEnd() {
        guard let inboundEnd, outlet.isOpen else { return }
        if inboundEnd.isOrderly { outlet.finish() } else { outlet.fail(inboundEnd) }
    }

    private func stopReading(_ reason: EndReason) {
        discardsInbound = true
        outlet.fail(reason)
        peer?.pumpLater()
    }

    private func settleEnd() {
        if gate.end != nil {
            deadline?.cancel()
            deadline = nil
        }
        guard gate.end != nil, inboundEnd != nil || discardsInbound else { return }
        keptPeer = nil
    }
}

extension Duplex where Element: Weighted {
    /// Creates the two ends, for elements that know their weight.
    public static func pair(
        marks: Watermarks,
        scheduler: any Scheduler,
        name: String = "duplex"
    ) -> (left: Duplex, right: Duplex) {
        pair(marks: marks, weight: { $0.weight }, scheduler: scheduler, name: name)
    }
}

@available(*, unavailable)
extension Duplex: Sendable {}
