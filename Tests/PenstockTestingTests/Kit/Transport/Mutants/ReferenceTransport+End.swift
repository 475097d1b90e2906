import Penstock
import PenstockTesting

extension ReferenceTransport {
    // MARK: Graceful

    func finish() { finish(within: .seconds(30)) }

    func finish(within deadline: Duration?) {
        guard !isOver, !endsBoth else { return }
        if has(.halfCloseIsFinal), end != nil { return }
        endsBoth = true
        if !has(.deliversAfterFinish) {
            discards = true
            let waited = waiting
            discardHeld()
            if has(.unreadInputResets), waited > 0 {
                writeEnd = .reset
                return lose()
            }
            if has(.finishStopsReading) { isDeaf = true }
            giveConsumer(EndReason(.closedLocally))
        }
        if let deadline, end == nil, !has(.ignoresTheDeadline) {
            self.deadline = clock.schedule(after: deadline) { [self] in
                if has(.deadlineEndsInOrder) {
                    unsent = []
                    entries = []
                    return drained()
                }
                endAtOnce(EndReason(.timedOut, detail: "the end took longer than \(deadline)"))
            }
        }
        if writeEnd == .finished { return linger() }
        if has(.finishDropsWhatIsHeld) {
            unsent = []
            entries = []
            wholeSizes = []
        }
        if has(.finishDoesNotWaitForTheProducer) { stopProducer(.finished) }
        endGracefully()
    }

    func finishWriting() {
        if has(.halfCloseStopsReading) { stopProducing(.finished) }
        if has(.halfCloseEndsThePause), isInboundPaused { resumeProducing() }
        if has(.halfCloseDoesNotWait), phase == .open {
            phase = .draining
            unsent = []
            entries = []
        }
        endGracefully()
    }

    private func endGracefully() {
        if has(.finishForgivesTheFailure), phase == .draining, end == nil { asked = .finished }
        guard phase == .open || phase == .connecting else { return proceed() }
        if has(.finishInsidePauseEndsNothing), signals > 0 { return }
        phase = hasProducer ? .finishing : .draining
        proceed()
    }

    /// Everything accepted has been handed over.
    func drained() {
        if !(has(.deadlineSurvivesTheEnd) && endsBoth) { deadline?.cancel() }
        guard asked.isOrderly || endsBehindPeer || has(.failSendsFIN) else {
            endOutbound(asked, later: false)
            return reset(asked)
        }
        if !(has(.halfCloseSendsNoFIN) && !endsBoth) { writeEnd = .finished }
        if has(.deadlineSurvivesTheEnd), deadline?.isPending == true { return }
        endOutbound(asked, later: false)
        guard !isOver else { return }
        if has(.halfCloseIsFinal), !endsBoth { return }
        if inboundEnd != nil, !has(.waitsForAPeerThatHasFinished) {
            close(.finished)
        } else if endsBoth || has(.halfCloseLingers) {
            linger()
        }
    }

    private func linger() {
        let isAlone = inboundEnd != nil && !has(.waitsForAPeerThatHasFinished)
        if isAlone || has(.closesWithTheFIN) { return close(.finished) }
        guard !has(.lingersForEver) else { return }
        lingering = clock.schedule(after: setup.linger) { [self] in close(.finished) }
    }

    // MARK: With an error, and at once

    func fail(_ error: any Error) {
        let reason = EndReason.failed(has(.failForgetsTheError) ? EndReason.aborted : error)
        guard isTaking else {
            if has(.theLastErrorWins), end == nil { asked = reason }
            if !has(.theSecondErrorIsSilent) { onSecondError?(reason) }
            return
        }
        asked = reason
        phase = .draining
        if has(.failDropsWhatIsHeld) {
            unsent = []
            entries = []
        }
        if !has(.failStopsNobody) { stopProducer(reason) }
        if !has(.failWaitsForEver) {
            deadline = clock.schedule(after: setup.linger) { [self] in
                endAtOnce(EndReason(.timedOut, error: asked.error))
            }
        }
        proceed()
    }

    func abort(_ reason: EndReason) {
        if has(.abortIsIgnoredInsideSignals), signals > 0 { return }
        if has(.abortIsIgnoredInsideDeliveries), isDelivering { return }
        if has(.abortWaitsBehindFinish), phase == .finishing || phase == .draining { return }
        if has(.abortTwiceIsToldTwice) || (has(.abortAfterTheEndIsToldToo) && end?.isOrderly == true), end != nil {
            onEnd?(reason, delivery)
        }
        // An end that fails behind what it holds keeps its error.
        let first = asked.isOrderly || endsBehindPeer ? reason : asked
        endAtOnce(has(.abortInOrder) ? first : first.abortive, now: has(.abortTellsAtOnce))
    }

    /// Ends now, with a reset.
    func endAtOnce(_ reason: EndReason, now: Bool = false) {
        guard !isOver else { return }
        if has(.abortLetsOutWhatIsHeld) {
            sent += unsent
            unsent = []
        }
        if has(.abortStopsNobody) {
            push = nil
            pull = nil
        }
        endOutbound(reason, later: !now)
        reset(reason)
    }

    private func reset(_ reason: EndReason) {
        guard !isOver else { return }
        writeEnd = has(.abortSendsFIN) ? .finished : .reset
        finishClosing(reason, inbound: reason, later: true)
    }

    /// The connection is lost.
    func lose() {
        guard !isOver else {
            if has(.lossAfterAbortWins), let tell = onEnd {
                onEnd = nil
                tell(EndReason(.lost), delivery)
            }
            return
        }
        let lost = EndReason(.lost, detail: "the peer reset the connection")
        isOver = true
        if writeEnd == .open { writeEnd = .reset }
        if has(.tellsTheOwnerBeforeTheStop) {
            tellEnd(lost)
            onEnd = nil
        }
        if has(.stopsBeforeItHasEnded) { stopProducer(lost) }
        if has(.lossDropsTheInput) { discardHeld() }
        endOutbound(asked.isOrderly || endsBehindPeer ? lost : asked, later: false)
        isOver = false
        finishClosing(lost, inbound: has(.lossLooksComplete) ? .finished : lost, later: false)
    }

    /// Ended, stopped, dropped, told: in this order (C6.2).
    private func endOutbound(_ reason: EndReason, later: Bool) {
        guard end == nil else { return }
        end = reason
        phase = .ended
        asked = reason
        deadline?.cancel()
        stopProducer(reason)
        let isCounted = !(has(.dropsWithoutCounting) && reason.code == .lost)
        if isCounted {
            let weight = unsent.count + Self.overhead * entries.count
            let count = has(.lossSaysOneElement) ? min(1, entries.count) : entries.count
            delivery.dropped = .init(elements: count, weight: weight)
        }
        unsent = []
        entries = []
        wholeSizes = []
        if later { return clock.onLaterTurn { [self] in tellEnd(reason) } }
        tellEnd(reason)
    }

    private func tellEnd(_ reason: EndReason) {
        if has(.failureIsNotTold), reason.code == .failed { return }
        if has(.halfCloseIsNotTold), reason.isOrderly, !endsBoth { return }
        var delivery = self.delivery
        if has(.finishReportsNothing) { delivery = Delivery() }
        if has(.deliveryForgetsTheLast) { delivery.accepted.elements -= 1 }
        let tell = onEnd
        if !has(.abortTwiceIsToldTwice), !has(.abortAfterTheEndIsToldToo) { onEnd = nil }
        tell?(reason, delivery)
        if has(.finishIsToldTwice), reason.isOrderly { tell?(reason, delivery) }
        isEndTold = true
        let listeners = endListeners
        endListeners = []
        for listener in listeners { listener(reason, delivery) }
    }

    private func close(_ reason: EndReason) {
        guard !isOver else { return }
        finishClosing(reason, inbound: EndReason(.lost, detail: "closed before the peer finished"), later: false)
    }

    private func finishClosing(_ reason: EndReason, inbound: EndReason, later: Bool) {
        isOver = true
        lingering?.cancel()
        deadline?.cancel()
        if later { return clock.onLaterTurn { [self] in conclude(reason, inbound) } }
        conclude(reason, inbound)
    }

    private func conclude(_ reason: EndReason, _ inbound: EndReason) {
        if has(.meddlingSkipsTheNews), discards { return }
        if !(has(.meddlingSkipsTheConsumer) && delivery.refused.elements > 0) { endInbound(inbound) }
        let tell = onClose
        onClose = nil
        tell?(reason)
    }
}
