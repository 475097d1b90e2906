import NIOCore
public import Penstock

/// The ends: graceful, failed, at once.
extension ChannelTransport {
    /// Ends both sides gracefully, within the configured deadline.
    ///
    /// If they are being ended already, this changes nothing.
    public func finish() {
        guard !closesAtInboundEnd else { return }
        finish(within: configuration.finishDeadline)
    }

    /// Ends both sides gracefully (C6.3); the deadline turns it into an abort.
    ///
    /// Called again, it sets the deadline anew, as long as something is still to be handed over.
    public func finish(within deadline: Duration?) {
        guard !isOver else { return }
        guard !closesAtInboundEnd else { return setDeadline(deadline) }
        closesAtInboundEnd = true
        outlet.fail(EndReason(.closedLocally))
        discardInbound()
        setDeadline(deadline)
        gate.finish()
        if isOutputClosed { startLinger() }
    }

    /// Ends the write side gracefully, within the configured deadline; reading and delivering go on (C6.4).
    ///
    /// If it is being ended already, this changes nothing.
    public func finishWriting() {
        guard gate.flow.phase != .finishing, gate.flow.phase != .draining else { return }
        finishWriting(within: configuration.finishDeadline)
    }

    /// Ends the write side gracefully; the deadline turns it into an abort.
    ///
    /// Called again, it sets the deadline anew, as long as something is still to be handed over.
    public func finishWriting(within deadline: Duration?) {
        guard !isOver, gate.end == nil else { return }
        setDeadline(deadline)
        gate.finish()
    }

    /// Ends with an error, behind what was accepted: with a reset, never a FIN (C6.6).
    public func fail(_ error: any Error) {
        guard gate.flow.isTaking else { return gate.fail(.failed(error)) }
        setDeadline(configuration.linger)
        gate.fail(.failed(error))
        flush()
    }

    /// Ends what is left with a reset although everything has gone out: the peer goes on sending what nobody can take.
    func giveUp(_ reason: EndReason) {
        guard !isOver, closeReason == nil, gate.end?.isOrderly == true else { return }
        closeReason = reason
        lingering?.cancel()
        resetWhenSent(until: scheduler.now + configuration.linger)
    }

    /// Ends now, with a reset where there is one (C6.5).
    public func abort(_ reason: EndReason) {
        // What came first wins; the observer hears of the second (C6.7).
        guard !isOver else { return gate.end(reason.abortive) }
        // Nobody may go on because of what the kernel has taken meanwhile.
        gate.enter()
        defer { gate.leave() }
        refresh()
        // A failed end that waits for the kernel waits no longer, and keeps its reason (C6.7).
        closeReason = closeReason ?? gate.failure ?? reason.abortive
        gate.end(reason.abortive, telling: .later)
        reset()
    }

    /// Everything accepted has been handed to the kernel.
    public func gateDrained(_ reason: EndReason) {
        deadline?.cancel()
        deadline = nil
        gate.end(reason)
        guard reason.isOrderly || endsBehindPeer else {
            closeReason = closeReason ?? reason
            return resetWhenSent(until: scheduler.now + configuration.linger)
        }
        guard !isOver else { return }
        isOutputClosed = true
        if inboundEnd != nil {
            close()
        } else {
            channel.close(mode: .output, promise: nil)
            if closesAtInboundEnd { startLinger() }
        }
    }

    func setDeadline(_ duration: Duration?) {
        deadline?.cancel()
        deadline = nil
        guard let duration, gate.end == nil else { return }
        deadline = scheduler.schedule(after: duration) { [weak self] in
            guard let self else { return }
            let waiting = gate.flow.level > 0 ? "the peer to take \(pendingBytes) bytes" : "the producer to unregister"
            abort(EndReason(.timedOut, error: gate.asked.error, detail: "the end waited \(duration) for \(waiting)"))
        }
    }

    func startLinger() {
        guard lingering == nil, !isOver else { return }
        if inboundEnd != nil { return close() }
        // Reading must go on, or the peer's FIN would never be seen.
        lingering = scheduler.schedule(after: configuration.linger) { [weak self] in self?.close() }
    }

    func closeIfDone() {
        guard !isOver, isOutputClosed, inboundEnd != nil else { return }
        close()
    }

    func close() {
        isClosing = true
        lingering?.cancel()
        lingering = nil
        context?.close(promise: nil)
    }

    /// A reset would destroy what the kernel has taken and not sent: waits until that is gone, or the linger is over.
    func resetWhenSent(until deadline: Duration) {
        guard !isOver else { return }
        guard scheduler.now < deadline, channel.unsentBytes > 0 else { return reset() }
        lingering = scheduler.schedule(after: .milliseconds(2)) { [weak self] in self?.resetWhenSent(until: deadline) }
    }

    func reset() {
        lingering?.cancel()
        guard let context else { return }
        channel.makeCloseReset()
        context.close(promise: nil)
    }
}
