import DequeModule
public import NIOCore
public import Penstock

/// What comes in: nothing is delivered after a pause, and nothing is lost by one.
extension ChannelTransport {
    /// Registers with the consumer and delivers what comes in.
    public func attach(
        to consumer: any Consumer<ByteBuffer>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
        deliverHeld()
    }

    /// Delivers nothing more until the resume.
    public func pauseProducing() { outlet.paused() }

    /// Delivers what has come in meanwhile, then the end if there is one, and goes on reading.
    public func resumeProducing() {
        outlet.resumed()
        deliverHeld()
    }

    /// Ends reading for good: later input is read, counted and discarded; the write side goes on (C7.7).
    public func stopProducing(_ reason: EndReason) {
        outlet.stopped(reason)
        discardInbound()
    }

    func received(_ buffer: ByteBuffer) {
        let bytes = buffer.readableBytes
        bytesReceived += bytes
        if burst == 0 { noteTurn() }
        burst += bytes
        watch.arrived()
        guard !discardsInbound else {
            bytesDiscarded += bytes
            return
        }
        guard outlet.isOpen, held.isEmpty, !isDelivering else {
            held.append(compacted(buffer))
            inboundLevel += bytes
            inboundPeak = max(inboundPeak, inboundLevel)
            return
        }
        isDelivering = true
        outlet.write(compacted(buffer))
        isDelivering = false
        // What came inside the delivery, the end included, was not delivered there.
        if !held.isEmpty || inboundEnd != nil { deliverHeld() }
    }

    /// The loop reads a channel once between two looks at its sockets, so a second read tells that a turn has passed.
    func noteTurn() {
        if readTurn == scheduler.turn.number { scheduler.turn.begin() }
        readTurn = scheduler.turn.number
    }

    /// A few bytes must not keep a large buffer alive.
    func compacted(_ buffer: ByteBuffer) -> ByteBuffer {
        guard buffer.capacity > 4096, buffer.readableBytes < buffer.capacity / 4 else { return buffer }
        var small = channel.allocator.buffer(capacity: buffer.readableBytes)
        small.writeImmutableBuffer(buffer)
        return small
    }

    func receivedAll() {
        scheduler.flushWritten()
        if burst > 0, let readSize {
            // What came past a pause says nothing of the consumer's pace: the kernel hands over the rest of what it has.
            let isBlocked = !outlet.isOpen && held.isEmpty && !discardsInbound
            readSize.adapt(bytes: burst, blocked: isBlocked, room: sink?.channel.roomInKernel)
        }
        burst = 0
    }

    func mayRead() -> Bool {
        if discardsInbound ? !endsWithReset : outlet.isOpen && held.isEmpty { return true }
        isReadHeld = true
        return false
    }

    func deliverHeld() {
        guard !isDelivering else { return }
        isDelivering = true
        while outlet.isOpen, let buffer = held.popFirst() {
            inboundLevel -= buffer.readableBytes
            outlet.write(buffer)
        }
        isDelivering = false
        guard held.isEmpty, outlet.isOpen || discardsInbound else { return }
        if let inboundEnd {
            outlet.end(inboundEnd)
        } else if isReadHeld, mayRead() {
            isReadHeld = false
            context?.read()
        }
    }

    /// Then what nobody wants is left to the reset, instead of being read for nobody as fast as it comes.
    var endsWithReset: Bool {
        closeReason != nil || (gate.flow.phase == .draining && !gate.asked.isOrderly && !endsBehindPeer)
    }

    func discardInbound() {
        guard !discardsInbound else { return }
        discardsInbound = true
        bytesDiscarded += inboundLevel
        inboundLevel = 0
        held.removeAll()
        deliverHeld()
    }

    /// The peer has finished.
    func inputClosed() {
        refresh()
        endInbound(.finished)
        if !configuration.allowsHalfClosure {  // C7.3
            endsBehindPeer = gate.flow.isTaking
            gate.fail(EndReason(.peerFinished))
        }
        closeIfDone()
    }

    func endInbound(_ reason: EndReason) {
        guard inboundEnd == nil else { return }
        inboundEnd = reason
        tellInboundEnd(reason)
        deliverHeld()
    }

    func tellInboundEnd(_ reason: EndReason) {
        let tell = onInboundEnd
        onInboundEnd = nil
        tell?(reason)
    }
}
