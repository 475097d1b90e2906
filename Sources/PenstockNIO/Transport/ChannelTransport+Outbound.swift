import DequeModule
public import NIOCore
public import Penstock

/// What goes out: the level is what the kernel has not taken.
extension ChannelTransport {
    /// Writes bytes; they are flushed at the end of the turn.
    @discardableResult
    public func write(_ element: consuming ByteBuffer) -> WriteOutcome {
        let bytes = element.readableBytes
        guard bytes > 0 else { return gate.acceptEmpty() }  // C3.4
        let weight = bytes + entryOverhead
        // What the kernel has taken meanwhile no longer counts (C4.6); asked only when it matters.
        let asks = gate.flow.level + weight > gate.flow.marks.high && outbound.value.mayHaveShrunk
        // Whoever may go on by that goes on behind this element (C3.7, C4.2).
        if asks {
            gate.enter()
            refresh()
        }
        defer { if asks { gate.leave() } }
        guard gate.admits(weight: weight) else { return .closed }
        // Counted first: a channel that somebody else made may take it, or refuse it, at once.
        gate.store(weight: weight)
        hand(element)
        return gate.settle()
    }

    /// Writes several buffers as one decision (C3.5).
    @discardableResult
    public func write(contentsOf elements: some Sequence<ByteBuffer>) -> WriteOutcome {
        gate.enter()
        defer { gate.leave() }
        refresh()
        guard gate.flow.isTaking, gate.admits(weight: 0, elements: 0) else {
            if !gate.flow.isTaking {
                for element in elements { _ = gate.admits(weight: element.weight) }
            }
            return .closed
        }
        var isAnswer = false
        var hasEmpty = false
        for element in elements {
            guard element.readableBytes > 0 else {
                hasEmpty = true
                continue
            }
            isAnswer = true
            // The sequence may have ended the stream.
            guard gate.flow.isTaking else {
                _ = gate.admits(weight: element.weight)
                continue
            }
            gate.store(weight: element.weight)
            hand(element)
        }
        // No element at all is no answer to a question.
        return hasEmpty && !isAnswer ? gate.acceptEmpty() : gate.settle()
    }

    func hand(_ element: ByteBuffer) {
        outbound.value.bytesAccepted += element.readableBytes
        outbound.value.pendingBytes += element.readableBytes
        guard gate.flow.phase != .connecting, let context else {
            outbound.value.entries.append(element.readableBytes)
            early.append(element)
            return
        }
        pass(element, to: context)
        if !outbound.value.isFlushDue {
            outbound.value.isFlushDue = true
            scheduler.flushSoon(self)
        }
    }

    func pass(_ element: ByteBuffer, to context: ChannelHandlerContext) {
        switch accounting {
        case .exact:
            outbound.value.entries.append(element.readableBytes)
            context.write(NIOAny(element), promise: nil)
        case .promises:
            passInSlices(element, to: context)
        }
    }

    /// Slices of at most half the low mark, each with a promise; the entry's overhead goes with its last slice.
    ///
    /// With marks so low that this would be a promise for every few bytes, a slice has as many as an entry costs anyway.
    func passInSlices(_ element: ByteBuffer, to context: ChannelHandlerContext) {
        outbound.value.slicedElements += 1
        var rest = element
        let most = max(entryOverhead, configuration.marks.low / 2)
        // Nobody may write between two slices because the first has been taken already (C3.7).
        gate.enter()
        defer { gate.leave() }
        while rest.readableBytes > 0, gate.end == nil {
            let slice = rest.removePrefix(min(most, rest.readableBytes))
            let bytes = slice.readableBytes
            let isLast = rest.readableBytes == 0
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { [self] result in
                guard gate.end == nil else { return }
                if case .failure(let error) = result {
                    // The channel says for itself that it is closed; one that is open has refused these bytes for good.
                    if channel.isActive { abort(.failed(error)) }
                    return
                }
                outbound.value.pendingBytes -= bytes
                if isLast { outbound.value.slicedElements -= 1 }
                if outbound.value.pendingBytes == 0 { watch.blocked(false) }
                watch.moved()
                gate.drain(weight: bytes + (isLast ? entryOverhead : 0))
            }
            context.write(NIOAny(slice), promise: promise)
        }
    }

    /// Flushes, and learns what the kernel took at once.
    func flush() {
        outbound.value.isFlushDue = false
        outbound.value.isFresh = false
        guard let context else { return }
        context.flush()
        // If it was told inside that the kernel took everything and more was written, the next flush looks.
        if !outbound.value.isFlushDue { drained() }
    }

    /// The channel has become writable: no more waits than it was to tell of, and if that was nothing, nobody need ask.
    func becameWritable() {
        if accounting == .exact, outbound.value.edge == 0, early.isEmpty, gate.end == nil { refresh(waiting: 0) }
        drained()
    }

    /// Learns what was taken, and gives the signals that follow.
    func drained() {
        refresh()
        guard gate.end == nil, let context, pendingBytes > 0, early.isEmpty else {
            watch.blocked(false)
            return
        }
        // The kernel has not been asked yet about what was written in there; the flush that is due will be told.
        guard !outbound.value.isFlushDue else { return }
        watch.blocked(true)
        guard accounting == .exact, let level = awaitedLevel else { return }
        beTold(at: bytesWaiting(atLevel: level), context)
    }

    /// The level that somebody waits for; nil if nobody does.
    private var awaitedLevel: Int? {
        if gate.flow.phase == .draining { return 0 }
        let low = gate.flow.marks.low
        // Whoever shares an account waits for credit at a level that only the account knows (C4.8).
        if gate.isMetered { return gate.flow.level > low ? low : gate.flow.level / 2 }
        return gate.flow.kind == .none ? nil : low
    }

    /// Sees to it that NIO tells when no more than so many bytes wait, which is fewer than wait now.
    private func beTold(at bytes: Int, _ context: ChannelHandlerContext) {
        guard pendingBytes > bytes else { return }
        guard channel.isWritable else { return setEdge(bytes) }
        guard pendingBytes > 1 else { return beToldOfTheLastByte(context) }
        // It tells of a change only, and looks whether it is above its mark only when something is written. What waits may be
        // just as much as that mark, and is above the lowest one then.
        setEdge(pendingBytes > bytes + 1 ? bytes : 0)
        context.write(NIOAny(ByteBuffer()), promise: nil)
        setEdge(bytes)
        context.flush()
    }

    /// A single byte is never above a mark of NIO's, so something is written behind it that tells.
    private func beToldOfTheLastByte(_ context: ChannelHandlerContext) {
        guard !outbound.value.isMarkerOut else { return }
        outbound.value.isMarkerOut = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            outbound.value.isMarkerOut = false
            // Not in the middle of NIO's writing: it tells that it is writable only after that, as of before (becameWritable).
            scheduler.onLaterTurn { self.drained() }
        }
        context.writeAndFlush(NIOAny(ByteBuffer()), promise: promise)
    }

    private func setEdge(_ bytes: Int) {
        guard outbound.value.edge != bytes else { return }
        outbound.value.edge = bytes
        // A channel that has closed meanwhile needs no mark.
        try? options?.setOption(.writeBufferWaterMark, value: .init(edgeAt: bytes))
    }

    /// The most bytes that may wait while the level is no higher than this: the overhead of an entry goes with its last byte.
    private func bytesWaiting(atLevel target: Int) -> Int {
        var waiting = pendingBytes
        var excess = gate.flow.level - target
        for entry in outbound.value.entries {
            guard excess > 0 else { break }
            if excess < entry { return waiting - excess }
            waiting -= entry
            excess -= entry + entryOverhead
        }
        return max(waiting, 0)
    }

    func refresh() {
        refresh(waiting: bytesWaiting)
    }

    private func refresh(waiting: Int) {
        let taken = pendingBytes - waiting
        guard taken > 0 else { return }
        let (weight, whole, rest) = takenWeight(of: taken)
        outbound.value.pendingBytes -= taken
        outbound.value.entries.removeFirst(whole)
        if rest > 0 { outbound.value.entries[0] -= rest }
        if outbound.value.pendingBytes == 0 {
            watch.blocked(false)
            // As long as the kernel takes everything at once, being told of that is enough.
            if accounting == .exact { setEdge(0) }
        }
        watch.moved()
        // Nothing leaves before the next flush, so a producer that goes on in here need not ask again with every write.
        outbound.value.isFresh = true
        gate.drain(weight: weight)
        outbound.value.isFresh = false
    }

    /// What so many bytes weigh in the level: themselves, and the overhead of the entries that have left whole; also the number
    /// of those, and the bytes that have left of the next one.
    func takenWeight(of bytes: Int) -> (weight: Int, whole: Int, rest: Int) {
        var rest = bytes
        var whole = 0
        while whole < outbound.value.entries.count, rest > 0, outbound.value.entries[whole] <= rest {
            rest -= outbound.value.entries[whole]
            whole += 1
        }
        return (bytes + whole * entryOverhead, whole, rest)
    }

    /// Registers a push producer, by the level as of now (C1.6).
    public func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        refresh()
        try gate.register(producer)
        drained()
    }

    /// Registers a pull producer, by the level as of now (C1.7).
    public func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        refresh()
        try gate.register(producer)
        drained()
    }

    /// Has a meter told of every weight from now on, by the level as of now.
    public func add(_ meter: any Meter) {
        refresh()
        gate.add(meter)
        drained()
    }

    /// From now on somebody waits for the last byte to be taken, though nobody may have waited before (C6.3).
    public func gateDraining(_ reason: EndReason) { drained() }

    /// Drops what was not handed to the kernel.
    public func discardHeld() -> Int {
        droppedBytes = pendingBytes
        outbound.value.pendingBytes = 0
        early.removeAll()
        defer { outbound.value.entries.removeAll() }
        return max(outbound.value.entries.count + outbound.value.slicedElements, 1)
    }
}
