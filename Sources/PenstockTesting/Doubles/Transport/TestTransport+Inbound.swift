public import Penstock

/// What comes in: nothing is delivered after a pause, and nothing is lost by one.
extension TestTransport {
    /// Registers with the consumer and delivers what has come in.
    public func attach(
        to consumer: any Consumer<[UInt8]>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
        deliverHeld()
    }

    /// Records `inbound pause`, and delivers nothing more until the resume.
    public func pauseProducing() {
        transcript.record("inbound pause")
        outlet.paused()
    }

    /// Records `inbound resume`, and delivers what has come in meanwhile, then the end if there is one.
    public func resumeProducing() {
        transcript.record("inbound resume")
        outlet.resumed()
        deliverHeld()
    }

    /// Records `inbound stop` and the code, and discards what comes in from now on; the write side goes on (C7.7).
    public func stopProducing(_ reason: EndReason) {
        transcript.record("inbound stop \(reason.code)")
        outlet.stopped(reason)
        discardInbound()
    }

    func received(_ bytes: [UInt8]) {
        bytesReceived += bytes.count
        guard !discardsInbound else {
            bytesDiscarded += bytes.count
            return
        }
        guard outlet.isOpen, held.isEmpty, !isDelivering else {
            held.append(bytes)
            inboundLevel += bytes.count
            inboundPeak = max(inboundPeak, inboundLevel)
            return
        }
        isDelivering = true
        outlet.write(bytes)
        isDelivering = false
        deliverHeld()
    }

    func deliverHeld() {
        guard !isDelivering else { return }
        isDelivering = true
        while outlet.isOpen, !held.isEmpty {
            let bytes = held.removeFirst()
            inboundLevel -= bytes.count
            outlet.write(bytes)
        }
        isDelivering = false
        // The end comes behind the elements, and not to a paused consumer (C7.2).
        guard let inboundEnd, held.isEmpty, outlet.isOpen else { return }
        if inboundEnd.isOrderly { outlet.finish() } else { outlet.fail(inboundEnd) }
    }

    func discardInbound() {
        discardsInbound = true
        bytesDiscarded += inboundLevel
        inboundLevel = 0
        held.removeAll()
    }

    func endInbound(_ reason: EndReason) {
        guard inboundEnd == nil else { return }
        inboundEnd = reason
        tellInboundEnd(reason)  // C7.2: at once, also while paused
        deliverHeld()
    }

    func tellInboundEnd(_ reason: EndReason) {
        let tell = onInboundEnd
        onInboundEnd = nil
        tell?(reason)
    }
}
