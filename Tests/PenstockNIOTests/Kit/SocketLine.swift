import NIOCore
import NIOPosix
import Penstock
import PenstockTesting

@testable import PenstockNIO

/// A transport on a socket, and the raw socket at its other end; with a relay between the two, if wanted.
final class SocketLine {
    let transport: ChannelTransport
    let peer: SocketPeer
    let relay: RelayBetween?
    private let eventLoop: any EventLoop
    private let listener: RawSocket
    private let mayConnect: EventLoopPromise<Void>
    private let channel: EventLoopFuture<any Channel>
    private var isConnected = false

    /// Makes a transport that is not connected yet.
    init(
        _ kind: SocketKind,
        _ configuration: TransportConfiguration,
        isRelayed: Bool = false,
        on eventLoop: any EventLoop
    ) async throws {
        eventLoop.preconditionInEventLoop()
        self.eventLoop = eventLoop
        let (listener, address) = try RawSocket.listen(on: kind.family.freshAddress(), receiveBuffer: 4096)
        self.listener = listener
        peer = SocketPeer(family: kind.family)
        let mayConnect = eventLoop.makePromise(of: Void.self)
        self.mayConnect = mayConnect
        relay = isRelayed ? try await RelayBetween(kind, to: address, on: eventLoop) : nil
        guard let target = (relay?.address ?? address).socketAddress else { throw ChannelError.unknownLocalAddress }
        let made = NIOLoopBoundBox<ChannelTransport?>(nil, eventLoop: eventLoop)
        let receiveBuffer = StreamBootstrap.receiveBuffer(isTCP: kind.family == .tcp, configuration)
        // The channel connects when its initializer is done, so a check can have a transport that is not connected yet.
        channel = ClientBootstrap(group: eventLoop)
            .channelInitializer {
                [sendBuffer = kind.sendBuffer, receiveBuffer, configuration] channel in
                do {
                    if let receiveBuffer {
                        try channel.syncOptions?.setOption(.socketOption(.so_rcvbuf), value: receiveBuffer)
                    }
                    try channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(sendBuffer))
                    try StreamBootstrap.install(on: channel, configuration: configuration) { _ in }
                    let handler = try channel.pipeline.syncOperations.handler(type: TransportHandler.self)
                    made.value = handler.transport
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
                return mayConnect.futureResult
            }
            .connect(to: target)
        guard let transport = made.value else { throw ChannelError.unknownLocalAddress }
        self.transport = transport
    }

    func connect() async throws {
        isConnected = true
        mayConnect.succeed(())
        _ = try await channel.get()
        peer.connected(to: try await listener.accept())
    }

    /// The bytes that the kernel has taken from the transport.
    var taken: Int {
        let onTheWay = transport.channel.unreceivedBytes
        return onTheWay + (relay?.arrived ?? peer.received.count + peer.unread)
    }

    /// Has the peer read everything that comes, and returns when nothing more can.
    func takeAll() async {
        guard isConnected else { return }
        peer.allow(.max)
        let start = transport.scheduler.now
        await settle()
        while !hasGivenAll, transport.scheduler.now - start < .seconds(10) {
            // A network may take its time.
            await pass(.milliseconds(1))
            await settle()
        }
        peer.stopReading()
    }

    private var hasGivenAll: Bool {
        peer.end != .open || (transport.snapshot.level == 0 && peer.received.count == transport.bytesSent)
    }

    /// Has the peer reset, and returns when the transport knows.
    func lose() async {
        peer.lose()
        let start = transport.scheduler.now
        await settle()
        while transport.gate.end == nil, transport.scheduler.now - start < .seconds(10) {
            await pass(.milliseconds(1))
            await settle()
        }
    }

    func close() async {
        if !isConnected { mayConnect.fail(ChannelError.alreadyClosed) }
        transport.abort(.aborted)
        peer.close()
        listener.close()
        await relay?.close()
        // What closes here has nothing more to say to a check.
        try? await channel.flatMap { $0.closeFuture }.get()
    }

    // MARK: Time

    var clock: TrialClock {
        TrialClock(
            real: transport.scheduler,
            runTurn: { await self.turn() },
            settle: { await self.settle() },
            advance: { await self.pass($0) }
        )
    }

    /// What a turn may change.
    private struct State: Equatable {
        var outbound: Int
        var phase: FlowControl.Phase
        var pauses: Int
        var inbound: Int
        var waiting: Int
        var discarded: Int
        var atPeer: Int
        var unread: Int
        var end: TransportPeer.WriteEnd
        var between: [Int]
    }

    private var state: State {
        State(
            outbound: transport.snapshot.level,
            phase: transport.gate.flow.phase,
            pauses: transport.gate.snapshot.pauses,
            inbound: transport.bytesReceived,
            waiting: transport.inboundLevel,
            discarded: transport.bytesDiscarded,
            atPeer: peer.received.count,
            unread: peer.unread,
            end: peer.end,
            between: relay?.state ?? []
        )
    }

    private func turn() async {
        peer.read()
        await transport.scheduler.laterTurn()
    }

    /// Turns the loop until nothing has changed for some turns; both kernels act inside the calls of this one thread.
    private func settle() async {
        var before = state
        var quiet = 0
        while quiet < 4 {
            await turn()
            let now = state
            quiet = now == before ? quiet + 1 : 0
            before = now
        }
    }

    private func pass(_ duration: Duration) async {
        // A loop that is shut down cannot be waited for, and ends the test run anyway.
        try? await eventLoop.scheduleTask(in: TimeAmount(duration)) {}.futureResult.get()
    }
}
