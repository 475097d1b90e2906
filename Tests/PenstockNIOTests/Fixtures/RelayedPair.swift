import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

/// A relay in front of a raw listener, with a raw client before it.
struct RelayedPair: Sendable {
    var front: RawSocket
    var back: RawSocket
    var report: Signal<Result<RelayReport, StreamError>>
    var levels: Signal<OnLoop<RelayLevels>>
    var server: StreamServer

    static func with(
        front frontFamily: SocketFamily,
        back backFamily: SocketFamily,
        _ configuration: TransportConfiguration = TransportConfiguration(),
        buffers: Int? = nil,
        _ body: (RelayedPair) async throws -> Void
    ) async throws {
        let (listener, address) = try RawSocket.listen(on: backFamily.freshAddress(), receiveBuffer: buffers)
        let server = try await StreamServer.bind(
            to: frontFamily.freshAddress(),
            configuration: StreamServerConfiguration(transport: configuration)
        )
        let report = Signal<Result<RelayReport, StreamError>>()
        let levels = Signal<OnLoop<RelayLevels>>()
        server.serve { front in
            if let buffers {
                try? front.channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(buffers))
            }
            StreamClient.connect(to: address, on: front.channel.eventLoop, configuration: configuration) { result in
                guard case .success(let back) = result else { return }
                if let buffers {
                    try? back.channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(buffers))
                }
                levels.tell(OnLoop(RelayLevels(front: front, back: back), eventLoop: front.channel.eventLoop))
                Relay.join(front, back) { report.tell(.success($0)) }
            }
        }
        do {
            let front = try await RawSocket.connect(to: server.address, receiveBuffer: buffers)
            let back = try await listener.accept()
            try await body(RelayedPair(front: front, back: back, report: report, levels: levels, server: server))
            front.close()
            back.close()
        } catch {
            await server.abort()
            throw error
        }
        await server.abort()
    }
}

/// The two transports of a relay, to look at their levels.
final class RelayLevels {
    let front: ChannelTransport
    let back: ChannelTransport

    init(front: ChannelTransport, back: ChannelTransport) {
        self.front = front
        self.back = back
    }
}
