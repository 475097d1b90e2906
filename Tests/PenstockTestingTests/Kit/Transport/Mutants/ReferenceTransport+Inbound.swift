import Penstock
import PenstockTesting

extension ReferenceTransport {
    // MARK: The consumer

    func attach(
        to consumer: any Consumer<[UInt8]>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        guard self.consumer == nil else { throw .alreadyAttached }
        guard !isInboundEndTold, !discards || has(.discardsForNobody) else { throw .sourceEnded }
        self.consumer = consumer
        self.atEnd = atEnd
        self.done = done
        do { try consumer.registerProducer(self) } catch {
            self.consumer = nil
            throw error
        }
        if has(.earlyPauseIsIgnored) { isInboundPaused = false }
        if has(.lateConsumersHearNothing), inboundEnd != nil { return }
        deliver()
    }

    func pauseProducing() {
        inboundPauses += 1
        isInboundPaused = true
    }

    func resumeProducing() {
        inboundPauses -= 1
        if has(.countsPauses), inboundPauses > 0 { return }
        isInboundPaused = false
        if has(.resumeAfterTheLossIsDead), isOver { return }
        if has(.resumeAfterTheLossRepeatsTheEnd), isInboundEndTold { lastConsumer?.fail(EndReason(.lost)) }
        if has(.tellsTheEndAfterTheResume), let inboundEnd { tellInboundEnd(inboundEnd) }
        deliver()
    }

    func stopProducing(_ reason: EndReason) {
        if has(.stopDelivers) { return }
        let tell = done
        consumer = nil
        done = nil
        if !has(.stopForgetsWhatWaits) { discardHeld() }
        if has(.stopForgetsWhatWaits) { held = [] }
        discards = true
        if has(.stopEndsTheReading) { isDeaf = true }
        if has(.stopEndsTheWriteSide) { finishWriting() }
        tell?(FlowResult(end: reason, summary: FlowSummary()))
    }

    func discardHeld() {
        if !(has(.discardsAfterFinishUncounted) && endsBoth) { discarded += waiting }
        waiting = 0
        held = []
    }

    // MARK: The peer

    func peerSends(_ bytes: [UInt8]) -> Int {
        guard isConnected, !isOver, inboundEnd == nil else { return 0 }
        if isDeaf { return 0 }
        if has(.neverReadsAgain), consumer != nil, received > setup.receiveWindow / 2 { return 0 }
        let unbounded = has(.ignoresTheWindow) || (has(.readsForNobodyWithoutBound) && consumer == nil)
        let room = unbounded ? bytes.count : max(0, setup.receiveWindow - held.reduce(0) { $0 + $1.count })
        let taken = Array(bytes.prefix(discards ? bytes.count : room))
        guard !taken.isEmpty else { return 0 }
        received += taken.count
        if discards || (has(.discardsForNobody) && consumer == nil) {
            let isCounted = endsBoth ? !has(.discardsAfterFinishUncounted) : !has(.stopDiscardsUncounted)
            if isCounted { discarded += taken.count }
            return taken.count
        }
        if has(.losesWhatComesPaused), isInboundPaused { return taken.count }
        if has(.deliversTheLatestFirst), isInboundPaused { held.insert(taken, at: 0) } else { held.append(taken) }
        if !has(.inboundLevelIsBlind) { waiting += taken.count }
        deliver()
        return taken.count
    }

    func peerFinishes() {
        guard !isOver, inboundEnd == nil, isConnected else { return }
        if has(.stopHidesTheEnd), discards, !endsBoth { return }
        endInbound(.finished)
        if has(.peersFINEndsBothSides) { finishWriting() }
        if has(.peersFINStopsTheProducer) { stopProducer(EndReason(.peerFinished)) }
        if !setup.allowsHalfClosure, isTaking, !has(.peersFINIsNoEndWithoutHalfClose) {
            endsBehindPeer = !has(.peersFINResets)
            asked = EndReason(.peerFinished)
            phase = .draining
            if has(.peersFINDropsWhatIsHeld) {
                unsent = []
                entries = []
            }
            stopProducer(asked)
            proceed()
        }
        guard writeEnd == .finished, !isOver else { return }
        isOver = true
        lingering?.cancel()
        let tell = onClose
        onClose = nil
        tell?(.finished)
    }

    // MARK: Delivery

    func deliver() {
        guard !isDelivering else { return }
        if has(.endOvertakesTheElements), let inboundEnd, !isInboundPaused { giveConsumer(inboundEnd) }
        isDelivering = true
        var hasDelivered = false
        func mayDeliver() -> Bool {
            !isInboundPaused || has(.deliversOnAfterAPause) || (has(.deliversOnInsideAPause) && hasDelivered)
        }
        while let consumer, let first = held.first, mayDeliver() {
            held.removeFirst()
            if !has(.inboundLevelStays), !has(.inboundLevelIsBlind) { waiting -= first.count }
            hasDelivered = true
            consumer.write(first)
        }
        isDelivering = false
        guard let inboundEnd, consumer != nil, held.isEmpty else { return }
        if isInboundPaused {
            if has(.endIsLostInAPause) { consumer = nil }
            guard has(.endReachesAPausedConsumer) else { return }
        }
        giveConsumer(inboundEnd)
    }

    func endInbound(_ reason: EndReason) {
        guard inboundEnd == nil else { return }
        inboundEnd = reason
        if !(has(.tellsTheEndAfterTheResume) && isInboundPaused) { tellInboundEnd(reason) }
        deliver()
    }

    func tellInboundEnd(_ reason: EndReason) {
        let tell = onInboundEnd
        onInboundEnd = nil
        tell?(reason)
    }

    /// Ends the flow to the consumer.
    func giveConsumer(_ reason: EndReason) {
        guard let consumer else { return }
        let tell = done
        isInboundEndTold = true
        lastConsumer = consumer
        self.consumer = nil
        done = nil
        consumer.unregisterProducer()
        if atEnd == .finish {
            if reason.isOrderly { consumer.finish() } else { consumer.fail(reason) }
        }
        tell?(FlowResult(end: reason, summary: FlowSummary()))
    }
}
