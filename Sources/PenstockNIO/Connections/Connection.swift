public import NIOCore
public import Penstock

/// A connection for `async` code: an actor whose executor is the connection's event loop.
///
/// ```swift
/// try await server.run { connection in
///     for try await chunk in connection.inbound {
///         try await connection.write(chunk)
///     }
/// }
/// ```
///
/// It is `Sendable`, so reader and writer can be two child tasks. Code that is isolated to it, as the closures of
/// ``StreamServer/run(shutdownWithin:onError:_:)`` and
/// ``StreamClient/withConnection(to:on:configuration:connectTimeout:_:)`` are, runs on the event loop: reading, writing and
/// ``withTransport(_:)`` are plain calls there, without a change of thread. Code that computes for long holds up the
/// other connections of the loop, and belongs elsewhere.
///
/// The scope that the connection was given to owns it: returning finishes it gracefully, throwing or cancelling aborts it, and
/// when the scope is over its descriptor is closed. So are these limits kept, by ``TransportConfiguration``: how long nothing
/// may move (`idleTimeout`), how long the peer may take nothing of what waits for it (`stallTimeout`), how long a graceful
/// end may take (`finishDeadline`), and how long it waits for the peer's own end (`linger`).
public actor Connection {
    /// The event loop that everything of this connection runs on.
    public nonisolated let eventLoop: any EventLoop

    /// The executor of the event loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    /// Where the peer is; nil if it has no address, as most clients of UNIX sockets.
    public nonisolated var remoteAddress: StreamAddress? { StreamAddress(peer) }

    // A channel forgets the address when it is closed, and the errors that name it come after that.
    private nonisolated let peer: SocketAddress?

    let transport: ChannelTransport

    // Outbound.
    var writer: AsyncWriter<ByteBuffer>?
    private(set) var writesUnderWay = 0 {
        didSet { if writesUnderWay == 0 { for closer in closers { closer.wake() } } }
    }
    /// Those who wait for the last write, to end what goes out behind it.
    private var closers: [Waker] = []

    // Inbound.
    var buffer: Buffer<ByteBuffer>?
    var reader: AsyncReader<ByteBuffer>?
    /// The loop over ``inbound`` that is under way.
    var visitor: Inbound.Token?

    // The end.
    var isFinishing = false
    var isAbortedHere = false
    var isRelayed = false
    /// The scope that owned the connection is over.
    private(set) var isOver = false

    /// Called on the event loop of the transport.
    init(_ transport: NIOLoopBound<ChannelTransport>) {
        let transport = transport.value
        eventLoop = transport.channel.eventLoop
        peer = transport.channel.remoteAddress
        self.transport = transport
    }

    /// Writes bytes as soon as there is room, behind the tasks that wait already.
    ///
    /// That it returns says that the bytes were accepted; ``finish(within:waitingForAcknowledgement:)``, or the end of the scope,
    /// tells whether they were handed over.
    ///
    /// - Throws: The reason for which the connection has ended; `CancellationError` if the task is cancelled while it waits;
    ///   `DoorError.writerFinished` behind the end of the write side; `RegistrationError` if a producer was registered by way of
    ///   ``withTransport(_:)``. The bytes were not taken then.
    public func write(_ bytes: ByteBuffer) async throws {
        let writer = try openWriter()
        writesUnderWay += 1
        defer { writesUnderWay -= 1 }
        try await writer.write(bytes)
    }

    /// Writes several buffers as one decision as soon as there is room (C3.5).
    ///
    /// - Throws: What ``write(_:)`` throws.
    public func write(contentsOf buffers: some Sequence<ByteBuffer> & Sendable) async throws {
        let writer = try openWriter()
        writesUnderWay += 1
        defer { writesUnderWay -= 1 }
        try await writer.write(contentsOf: buffers)
    }

    /// Lends the transport, for everything that is done with plain calls: to attach a source or a consumer, to look at it.
    ///
    /// The transport stays on the event loop; the compiler refuses to let it leave. A source that is attached to it takes the place
    /// of ``write(_:)`` until it is done, and a consumer that it is attached to that of ``inbound``.
    public func withTransport<Value: Sendable>(
        _ body: (ChannelTransport) throws -> Value
    ) rethrows -> Value {
        if writesUnderWay == 0 { writer = nil }
        return try body(transport)
    }

    /// Ends the connection now: drops what has not been handed over, and resets where there is a reset (C6.5).
    ///
    /// A scope that returns after it has not failed by that.
    public func abort(_ reason: EndReason = .aborted) {
        isAbortedHere = true
        transport.abort(reason)
    }

    /// How the connection stands.
    public var snapshot: Snapshot {
        let unread = buffer?.snapshot
        return Snapshot(
            remoteAddress: remoteAddress,
            outbound: transport.snapshot,
            inbound: unread,
            bytesReceived: transport.bytesReceived,
            bytesDiscarded: transport.bytesDiscarded + (unread?.delivery.dropped.bytes ?? 0),
            bytesAccepted: transport.bytesAccepted,
            bytesSent: transport.bytesSent
        )
    }

    /// The writer that the tasks share; registered with the first write.
    private func openWriter() throws -> AsyncWriter<ByteBuffer> {
        guard !isFinishing else { throw DoorError.writerFinished }
        if let end = transport.gate.end { throw end.isOrderly ? DoorError.writerFinished : end.thrown }
        if let writer { return writer }
        let new = try AsyncWriter(transport)
        writer = new
        return new
    }

    /// Waits until no write waits any more and gives up the writer; brings the end about if the task is cancelled.
    func closeWriter() async {
        let waker = Waker(scheduler: transport.scheduler)
        closers.append(waker)
        while writesUnderWay > 0 {
            if await waker.wait() {
                // Then every write that waits is refused.
                transport.abort(.cancelled)
                break
            }
        }
        closers.removeAll { $0 === waker }
        writer = nil
    }

    /// Lets go of everything that belongs to the loop, so that whoever keeps the actor keeps no more than that.
    func release() {
        isOver = true
        isFinishing = true
        visitor = nil
        writer = nil
        reader = nil
    }
}

extension Penstock.Delivery.Amount {
    /// The bytes of buffers that were weighed with their overhead.
    fileprivate var bytes: Int { weight - elements * entryOverhead }
}
