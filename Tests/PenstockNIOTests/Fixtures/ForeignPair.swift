import NIOCore
import NIOPosix

@testable import PenstockNIO

/// A transport on a channel of NIO's own bootstrap, which takes little from it, and a raw socket at its other end.
struct ForeignPair: Sendable {
    var subject: OnLoop<Rig>
    var peer: RawSocket
    var closed: Signal<TransportReport>

    static func with(_ family: SocketFamily, _ body: (ForeignPair) async throws -> Void) async throws {
        let (listener, address) = try RawSocket.listen(on: family.freshAddress(), receiveBuffer: 8192)
        guard let target = address.socketAddress else { throw ChannelError.unknownLocalAddress }
        let made = Signal<(OnLoop<Rig>, Signal<TransportReport>)>()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_sndbuf), value: 8192)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.installTransport { transport in
                        let rig = Rig(transport)
                        made.tell((OnLoop(rig, eventLoop: channel.eventLoop), rig.closed))
                    }
                }
            }
            .connect(to: target).get()
        let (subject, closed) = await made.wait()
        let peer = try await listener.accept()
        do {
            try await body(ForeignPair(subject: subject, peer: peer, closed: closed))
        } catch {
            try? await channel.close().get()
            throw error
        }
        // A test may have closed it.
        try? await channel.close().get()
    }
}
