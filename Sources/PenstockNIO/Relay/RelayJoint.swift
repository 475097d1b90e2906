import Penstock

/// One running relay; kept alive by the two transports until both are closed.
final class RelayJoint {
    private let front: ChannelTransport
    private var back: ChannelTransport?
    private let startedAt: Duration
    private var done: ((RelayReport) -> Void)?
    private var isJoined = false
    private var forth: EndReason?
    private var reverse: EndReason?
    private var frontReport: TransportReport?
    private var backReport: TransportReport?
    private var lingering: ScheduledWork?

    init(front: ChannelTransport, done: @escaping (RelayReport) -> Void) {
        self.front = front
        self.done = done
        startedAt = front.scheduler.now
        // It may have closed before it came here, and tells that no more.
        frontReport = front.report
        guard frontReport == nil else { return }
        // A graceful shutdown lets both directions come to their own end.
        front.onShutdown = {}
        front.onClose = { [self] report in
            frontReport = report
            closed(front, report, other: back)
        }
    }

    func join(_ back: ChannelTransport) {
        self.back = back
        backReport = back.report
        if backReport == nil {
            back.onShutdown = {}
            back.onClose = { [self] report in
                backReport = report
                closed(back, report, other: front)
            }
        }
        if let early = frontReport ?? backReport {
            let reason = early.failure ?? .aborted
            back.abort(reason)
            front.abort(reason)
            return conclude()
        }
        isJoined = true
        front.sink = back
        back.sink = front
        do {
            try front.attach(to: back, atEnd: .leaveOpen) { [self] in
                forth = $0.end
                ended($0.end, from: front, to: back)
            }
            try back.attach(to: front, atEnd: .leaveOpen) { [self] in
                reverse = $0.end
                ended($0.end, from: back, to: front)
            }
        } catch {
            // One of them was in use against the precondition: both are of no use now.
            isJoined = false
            front.abort(.failed(error))
            back.abort(.failed(error))
        }
    }

    func give(up error: StreamError) {
        guard frontReport == nil else { return conclude() }
        front.abort(.failed(error))
    }

    private func ended(_ reason: EndReason, from source: ChannelTransport, to sink: ChannelTransport) {
        if !reason.isOrderly {
            // Whichever of the two failed, the other learns of it as an error.
            sink.fail(reason)
            fail(source, reason, behind: sink)
        } else if (source === front ? frontReport : backReport) == nil {
            // No deadline: a slow peer that goes on taking gets everything, and one that takes nothing is stalled.
            sink.finishWriting(within: nil)
        } else {
            sink.finish(within: nil)
        }
        conclude()
    }

    /// Fails one side because the other is lost, but behind what that one still has for it, within the linger (C6.6).
    private func fail(_ transport: ChannelTransport, _ reason: EndReason, behind other: ChannelTransport) {
        guard isJoined, !hasEnded(from: other) else { return transport.fail(reason) }
        // Its peer had finished in order: this direction comes to its own end, as slowly as it may.
        if other.inboundEnd?.isOrderly == true { return }
        guard other.inboundLevel > 0 else { return transport.fail(reason) }
        guard lingering == nil else { return }
        lingering = transport.scheduler.schedule(after: transport.configuration.linger) { transport.fail(reason) }
    }

    private func hasEnded(from source: ChannelTransport) -> Bool {
        (source === front ? forth : reverse) != nil
    }

    private func closed(_ transport: ChannelTransport, _ report: TransportReport, other: ChannelTransport?) {
        if let other, (transport === front ? backReport : frontReport) == nil {
            if report.end.isOrderly, isJoined, !hasEnded(from: transport) {
                // It had finished, and the other has not taken everything yet: `ended` goes on when it has.
            } else if other.gate.end?.isOrderly == true, report.bytesDropped > 0 {
                other.giveUp(report.end)
            } else if report.end.isOrderly || other.gate.end?.isOrderly == true || other.gate.flow.phase == .draining {
                other.finish(within: nil)
            } else {
                fail(other, report.end, behind: transport)
            }
        }
        conclude()
    }

    private func conclude() {
        guard let done, let frontReport, back == nil || backReport != nil else { return }
        // A transport may be closed before its last bytes are taken, and before its flow is told of the end.
        guard !isJoined || (forth != nil && reverse != nil) else { return }
        self.done = nil
        lingering?.cancel()
        let none = EndReason(.cancelled, detail: "there was nothing to relay to")
        done(
            RelayReport(
                frontToBack: .init(
                    bytesIn: frontReport.bytesReceived,
                    bytesOut: backReport?.bytesSent ?? 0,
                    end: forth ?? frontReport.failure ?? none
                ),
                backToFront: .init(
                    bytesIn: backReport?.bytesReceived ?? 0,
                    bytesOut: frontReport.bytesSent,
                    end: reverse ?? backReport?.failure ?? none
                ),
                duration: front.scheduler.now - startedAt
            )
        )
    }
}

extension TransportReport {
    fileprivate var failure: EndReason? { end.isOrderly ? nil : end }
}
