import DequeModule
import NIOCore
import Penstock

/// What the channel says, by way of its handler.
extension ChannelTransport {
    func added(_ context: ChannelHandlerContext) {
        self.context = context
        watch.onExpiry = { [weak self] reason in self?.expired(reason) }
        if channel.isActive { connected() }
    }

    /// Nothing has moved, or the peer has taken nothing, for too long: the reason says who waited for whom (C4.9).
    func expired(_ reason: EndReason) {
        var reason = reason
        var text = [reason.detail ?? reason.code.description]
        if let address = StreamAddress(channel.remoteAddress) { text.append("the peer is \(address)") }
        for wait in snapshot.waits { text.append("its producer waits for \(wait)") }
        for wait in outlet.waits { text.append("what comes in waits for \(wait)") }
        reason.detail = text.joined(separator: "; ")
        abort(reason)
    }

    func connected() {
        guard let context else { return }
        watch.start { [weak self] in
            // The kernel may have taken some without reaching a mark.
            self?.refresh()
            return self?.pendingBytes ?? 0
        }
        let waiting = early
        early.removeAll()
        outbound.value.entries.removeAll()
        for element in waiting { pass(element, to: context) }
        gate.connected()
        if !waiting.isEmpty { flush() }
        let tell = onConnected
        onConnected = nil
        tell?(self)
    }

    func failed(_ error: any Error) {
        // The last moment at which the channel can say what the kernel took.
        refresh()
        lastError = lastError ?? error
    }

    /// The descriptor is closed (C6.2).
    func disconnected() {
        guard !isOver else { return }
        isOver = true
        watch.stop()
        lingering?.cancel()
        deadline?.cancel()
        // Once our side is closed NIO does not tell the peer's FIN on its own: it closes the channel, without an error.
        let didPeerFinish = isOutputClosed && closeReason == nil && lastError == nil && !isClosing
        let isOrderly = isOutputClosed && (inboundEnd != nil || isClosing || didPeerFinish)
        let lost = self.lost
        let reason = closeReason ?? (isOrderly ? .finished : gate.failure ?? lost)
        // Told of the loss, the gate lets an error that came first win (C6.7).
        if gate.end == nil { gate.end(closeReason ?? (isOrderly ? .finished : lost)) }
        let loss = EndReason(.lost, error: lastError, detail: "the connection ended before the peer finished")
        let inbound = closeReason ?? (didPeerFinish ? .finished : loss)
        // An abort may have been called from anywhere, so its news come on a later turn (C6.5).
        if closeReason != nil {
            scheduler.onLaterTurn { [self] in conclude(reason, inbound) }
        } else {
            conclude(reason, inbound)
        }
    }

    func conclude(_ reason: EndReason, _ inbound: EndReason) {
        endInbound(inbound)
        let report = TransportReport(
            end: reason,
            bytesReceived: bytesReceived,
            bytesDiscarded: bytesDiscarded,
            bytesAccepted: bytesAccepted,
            bytesSent: bytesSent
        )
        self.report = report
        tellClose(report)
    }

    func tellClose(_ report: TransportReport) {
        let tell = onClose
        onClose = nil
        tell?(report)
    }

    var lost: EndReason {
        let detail = pendingBytes > 0 ? "\(pendingBytes) accepted bytes were not sent" : nil
        return EndReason(.lost, error: lastError, detail: detail ?? "the peer closed or reset the connection")
    }

    func removed() {
        disconnected()
        context = nil
    }
}
