import Penstock

/// What the test does in place of the network, the kernel and the peer.
extension TestTransport {
    /// The connection is there: what was written before is offered to the kernel (C1.4).
    ///
    /// - Precondition: It was not connected yet.
    public func connect() {
        precondition(!isConnected, "the transport is connected already")
        guard !isOver else { return }
        isConnected = true
        gate.connected()
        flush()
    }

    /// The kernel gets room for this many bytes and takes what is waiting for it, at once.
    ///
    /// - Returns: How many bytes left.
    @discardableResult
    public func kernelTakes(_ bytes: Int) -> Int {
        kernel.allow(bytes)
        let before = sent.count
        flush()
        return sent.count - before
    }

    /// The peer sends bytes, which come in as one element.
    ///
    /// - Returns: How many were taken in: less than all if the receive window is full (C7.6), none if the connection is over.
    /// - Precondition: It is connected and the peer has not finished.
    @discardableResult
    public func peerSends(_ bytes: [UInt8]) -> Int {
        precondition(isConnected, "a peer cannot send before it is connected")
        guard !isOver else { return 0 }
        precondition(inboundEnd == nil, "a peer that has finished cannot send")
        let room = max(0, configuration.receiveWindow - inboundLevel)
        let taken = Array(bytes.prefix(room))
        if !taken.isEmpty { received(taken) }
        return taken.count
    }

    /// The peer ends its side in order.
    ///
    /// - Precondition: It is connected.
    public func peerFinishes() {
        precondition(isConnected, "a peer cannot finish before it is connected")
        guard !isOver, inboundEnd == nil else { return }
        inputClosed()
    }

    /// The connection is lost: the peer has reset it, or the network failed; before ``connect()``, it was refused.
    ///
    /// - Parameter error: The error that the operating system told, if there was one.
    public func peerResets(_ error: (any Error)? = nil) {
        disconnected(error)
    }
}
