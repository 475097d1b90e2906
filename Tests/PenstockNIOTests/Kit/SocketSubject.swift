import NIOCore
import NIOPosix
import Penstock
import PenstockTesting

@testable import PenstockNIO

/// The kinds of sockets that the kit runs on; a new one is one line more.
enum SocketSubject: String, CaseIterable, Sendable {
    case tcp, unix, unixTinyBuffer

    var family: SocketFamily { self == .tcp ? .tcp : .unix }

    /// How much the transport's own kernel accepts; nil for the system's choice.
    var sendBuffer: CInt? {
        switch self {
        case .tcp: 4096
        case .unix: nil
        case .unixTinyBuffer: 1
        }
    }

    var traits: TransportTraits {
        TransportTraits(
            unit: 1000,
            overhead: entryOverhead,
            tellsReset: family == .tcp,
            // On UNIX sockets the bound is what the kernel lets the peer have under way.
            receiveWindow: family == .tcp ? 64 << 10 : 256 << 10,
            patience: .milliseconds(20)
        )
    }

    func suite(on eventLoop: any EventLoop) -> TransportSuite<ByteBuffer> {
        TransportSuite(rawValue, traits: traits, options: KitOptions(randomOrders: 2)) { setup in
            try await SocketLine(self, setup, on: eventLoop).open(setup)
        }
    }
}

/// A transport on a socket, and the raw socket at its other end.
private final class SocketLine {
    private let eventLoop: any EventLoop
    private let listener: RawSocket
    private let peer: SocketPeer
    private let subject: SocketSubject
    private let mayConnect: EventLoopPromise<Void>
    private let channel: EventLoopFuture<any Channel>
    private let transport: ChannelTransport
    private var isConnected = false

    init(_ subject: SocketSubject, _ setup: TransportSetup, on eventLoop: any EventLoop) throws {
        eventLoop.preconditionInEventLoop()
        self.eventLoop = eventLoop
        self.subject = subject
        let (listener, address) = try RawSocket.listen(on: subject.family.freshAddress(), receiveBuffer: 4096)
        self.listener = listener
        peer = SocketPeer(family: subject.family)
        var configuration = TransportConfiguration(marks: setup.marks)
        configuration.limit = setup.limit
        configuration.allowsHalfClosure = setup.allowsHalfClosure
        configuration.linger = setup.linger
        configuration.receiveWindow = setup.receiveWindow
        let mayConnect = eventLoop.makePromise(of: Void.self)
        self.mayConnect = mayConnect
        guard let target = address.socketAddress else { throw ChannelError.unknownLocalAddress }
        let made = NIOLoopBoundBox<ChannelTransport?>(nil, eventLoop: eventLoop)
        // The channel connects when its initializer is done, so a check can have a transport that is not connected yet.
        channel = ClientBootstrap(group: eventLoop)
            .channelInitializer {
                [sendBuffer = subject.sendBuffer, isTCP = subject.family == .tcp, configuration] channel in
                do {
                    if let sendBuffer {
                        try channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(sendBuffer))
                    }
                    try StreamBootstrap.install(on: channel, isTCP: isTCP, configuration: configuration) { _ in }
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

    func open(_ setup: TransportSetup) async throws -> TransportUnderTest<ByteBuffer> {
        if setup.isConnected { try await connect() }
        let peer = self.peer
        let transport = self.transport
        let connect: () async throws -> Void = { try await self.connect() }
        let peerOfCheck = TransportPeer(
            connect: setup.isConnected ? nil : connect,
            send: { peer.give($0) },
            finish: { peer.finish() },
            reset: { try peer.reset() },
            take: { peer.allow($0) },
            received: { peer.received },
            taken: { peer.received.count + peer.unread + transport.channel.unreceivedBytes },
            writeEnd: { peer.writeEnd }
        )
        var subject = TransportUnderTest(
            transport,
            clock: clock,
            peer: peerOfCheck,
            element: { ByteBuffer(bytes: $0) },
            bytes: { Array($0.readableBytesView) }
        )
        let observer = SecondErrors()
        transport.observer = observer
        subject.onEnd = { transport.onEnd = $0 }
        subject.onInboundEnd = { transport.onInboundEnd = $0 }
        subject.onClose = { (tell: @escaping (EndReason) -> Void) in transport.onClose = { tell($0.end) } }
        subject.onSecondError = { observer.tell = $0 }
        subject.input = { .init(received: transport.bytesReceived, waiting: transport.inboundLevel) }
        subject.discarded = { transport.bytesDiscarded }
        subject.close = { await self.close() }
        return subject
    }

    private func connect() async throws {
        isConnected = true
        mayConnect.succeed(())
        _ = try await channel.get()
        peer.connected(to: try await listener.accept())
    }

    private func close() async {
        if !isConnected { mayConnect.fail(ChannelError.alreadyClosed) }
        transport.abort(.aborted)
        peer.close()
        listener.close()
        // What closes here has nothing more to say to a check.
        try? await channel.flatMap { $0.closeFuture }.get()
    }

    // MARK: Time

    private var clock: TrialClock {
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
        var inbound: Int
        var waiting: Int
        var discarded: Int
        var atPeer: Int
        var unread: Int
        var end: TransportPeer.WriteEnd
    }

    private var state: State {
        State(
            outbound: transport.snapshot.level,
            phase: transport.gate.flow.phase,
            inbound: transport.bytesReceived,
            waiting: transport.inboundLevel,
            discarded: transport.bytesDiscarded,
            atPeer: peer.received.count,
            unread: peer.unread,
            end: peer.end
        )
    }

    private func turn() async {
        peer.read()
        await pass(.microseconds(110))
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
