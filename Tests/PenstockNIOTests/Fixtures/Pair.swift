import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

/// A transport under test on its event loop, and a raw socket at its other end.
struct Pair: Sendable {
    var subject: OnLoop<Rig>
    var peer: RawSocket
    var server: StreamServer
    var closed: Signal<TransportReport>
    var ended: Signal<EndReason>
    var inboundEnded: Signal<EndReason>
    var received: Signal<FlowResult>

    /// Lends a fresh pair; whatever is left of it afterwards is aborted.
    ///
    /// - Parameters:
    ///   - sendBuffer: Of the transport's socket: how much its kernel accepts.
    ///   - receiveBuffer: Of the peer's.
    ///   - prepare: Called with the transport as the server lends it, before anything can have been read.
    static func with(
        _ family: SocketFamily,
        _ configuration: TransportConfiguration = TransportConfiguration(),
        sendBuffer: Int? = nil,
        receiveBuffer: Int? = nil,
        prepare: @escaping @Sendable (Rig) -> Void = { _ in },
        _ body: (Pair) async throws -> Void
    ) async throws {
        let server = try await StreamServer.bind(
            to: family.freshAddress(),
            configuration: StreamServerConfiguration(transport: configuration)
        )
        let arrived = Signal<(OnLoop<Rig>, Pair.Signals)>()
        server.serve { transport in
            if let sendBuffer {
                try? transport.channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(sendBuffer))
            }
            let rig = Rig(transport)
            prepare(rig)
            arrived.tell((OnLoop(rig, eventLoop: transport.channel.eventLoop), Signals(rig)))
        }
        do {
            let peer = try await RawSocket.connect(to: server.address, receiveBuffer: receiveBuffer)
            let (subject, signals) = await arrived.wait()
            try await body(
                Pair(
                    subject: subject,
                    peer: peer,
                    server: server,
                    closed: signals.closed,
                    ended: signals.ended,
                    inboundEnded: signals.inboundEnded,
                    received: signals.received
                )
            )
            peer.close()
        } catch {
            await server.abort()
            throw error
        }
        await server.abort()
    }

    /// Writes the pattern until the kernel takes no more, with little left behind that, and answers how much was written.
    func writeUntilBlocked() async throws -> Int {
        var size = 0
        while try await subject({ $0.transport.snapshot.level }) < 2000 {
            let offset = size
            try await subject { $0.write(1000, from: offset) }
            size += 1000
            try await subject.eventLoop.scheduleTask(in: .milliseconds(5)) {}.futureResult.get()
        }
        return size
    }

    private struct Signals: Sendable {
        var closed: Signal<TransportReport>
        var ended: Signal<EndReason>
        var inboundEnded: Signal<EndReason>
        var received: Signal<FlowResult>

        init(_ rig: Rig) {
            closed = rig.closed
            ended = rig.ended
            inboundEnded = rig.inboundEnded
            received = rig.received
        }
    }
}
