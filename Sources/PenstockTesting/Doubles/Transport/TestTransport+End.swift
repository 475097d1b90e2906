public import Penstock

/// The ends: graceful, failed, at once, lost.
extension TestTransport {
    /// Ends both sides gracefully, within the configured deadline.
    ///
    /// If they are being ended already, this changes nothing.
    public func finish() {
        guard !closesAtInboundEnd else { return }
        finish(within: configuration.finishDeadline)
    }

    /// Records `finish`, and ends both sides gracefully (C6.3); the deadline turns it into an abort.
    ///
    /// Called again, it sets the deadline anew, as long as something is still to be handed over.
    public func finish(within deadline: Duration?) {
        transcript.record("finish")
        guard !isOver else { return }
        guard !closesAtInboundEnd else { return setDeadline(deadline) }
        closesAtInboundEnd = true
        outlet.fail(EndReason(.closedLocally))
        discardInbound()
        setDeadline(deadline)
        gate.finish()
        if writeSide == .finished { startLinger() }
    }

    /// Records `finish writing`, and ends the write side gracefully, within the configured deadline; reading and delivering go
    /// on (C6.4).
    public func finishWriting() {
        transcript.record("finish writing")
        guard gate.flow.phase == .open || gate.flow.phase == .connecting else { return }
        setDeadline(configuration.finishDeadline)
        gate.finish()
    }

    /// Records `fail`, and ends with the error behind what was accepted: with a reset, never a FIN (C6.6).
    public func fail(_ error: any Error) {
        transcript.record("fail")
        // A kernel that takes nothing holds up the reset only for so long.
        if gate.flow.isTaking { setDeadline(configuration.linger) }
        gate.fail(.failed(error))
    }

    /// Records `abort` and the code, and ends now, with a reset (C6.5).
    public func abort(_ reason: EndReason) {
        transcript.abort(reason)
        endNow(reason)
    }

    /// Everything accepted has been handed to the kernel.
    public func gateDrained(_ reason: EndReason) {
        deadline?.cancel()
        deadline = nil
        gate.end(reason)
        guard !isOver else { return }
        guard reason.isOrderly || endsBehindPeer else {
            closeReason = closeReason ?? reason
            return reset()
        }
        writeSide = .finished
        transcript.record("FIN")
        if inboundEnd != nil {
            close()
        } else if closesAtInboundEnd {
            startLinger()
        }
    }

    /// The peer has finished.
    func inputClosed() {
        endInbound(.finished)
        if !configuration.allowsHalfClosure {  // C7.3
            endsBehindPeer = gate.flow.isTaking
            gate.fail(EndReason(.peerFinished))
        }
        if !isOver, writeSide == .finished { close() }
    }

    private func endNow(_ reason: EndReason) {
        guard !isOver else { return gate.end(reason) }  // C6.7
        gate.enter()
        defer { gate.leave() }
        // A failed end that waits for the kernel waits no longer, and keeps its reason (C6.7).
        if closeReason == nil {
            closeReason = gate.failure ?? reason.abortive
            gate.end(reason.abortive, telling: .later)
        }
        reset()
    }

    private func setDeadline(_ duration: Duration?) {
        deadline?.cancel()
        deadline = nil
        guard let duration, gate.end == nil else { return }
        deadline = gate.scheduler.schedule(after: duration) { [weak self] in
            guard let self else { return }
            let waiting =
                gate.flow.level > 0 ? "the kernel to take \(unsent.count) bytes" : "the producer to unregister"
            endNow(EndReason(.timedOut, error: gate.asked.error, detail: "the end waited \(duration) for \(waiting)"))
        }
    }

    /// Reads and discards until the peer finishes too, or until it has had its time (C6.3).
    private func startLinger() {
        guard lingering == nil, !isOver else { return }
        if inboundEnd != nil { return close() }
        lingering = gate.scheduler.schedule(after: configuration.linger) { [weak self] in self?.close() }
    }

    private func close() {
        isClosing = true
        disconnected(nil)
    }

    private func reset() {
        guard !isOver else { return }
        writeSide = .reset
        transcript.record("reset")
        disconnected(nil)
    }

    /// The connection is over both ways (C6.2).
    func disconnected(_ error: (any Error)?) {
        guard !isOver else { return }
        isOver = true
        lingering?.cancel()
        deadline?.cancel()
        if writeSide == .open { writeSide = .lost }
        let detail = unsent.isEmpty ? "the peer reset the connection" : "\(unsent.count) accepted bytes were not sent"
        let lost = EndReason(.lost, error: error, detail: detail)
        let isOrderly = writeSide == .finished && (inboundEnd != nil || isClosing)
        let reason = closeReason ?? (isOrderly ? .finished : gate.failure ?? lost)
        // Told of the loss, the gate lets an error that came first win (C6.7).
        if gate.end == nil { gate.end(closeReason ?? (isOrderly ? .finished : lost)) }
        let inbound =
            closeReason ?? EndReason(.lost, error: error, detail: "the connection ended before the peer finished")
        guard closeReason != nil else { return conclude(reason, inbound) }
        // An abort may have been called from anywhere, so its news come on a later turn (C6.5).
        gate.scheduler.onLaterTurn { [self] in conclude(reason, inbound) }
    }

    private func conclude(_ reason: EndReason, _ inbound: EndReason) {
        endInbound(inbound)
        closed = reason
        tellClose(reason)
    }

    func tellClose(_ reason: EndReason) {
        let tell = onClose
        onClose = nil
        tell?(reason)
    }
}
