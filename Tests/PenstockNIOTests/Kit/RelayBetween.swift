import NIOCore
import Penstock
import PenstockTesting

@testable import PenstockNIO

/// A relay between a transport under test and its peer, on the event loop of the transport.
final class RelayBetween {
    /// Where it listens for the transport.
    let address: StreamAddress
    private let server: StreamServer
    private let sides: NIOLoopBound<Sides>

    private final class Sides {
        var front: ChannelTransport?
        var back: ChannelTransport?
    }

    init(_ kind: SocketKind, to address: StreamAddress, on eventLoop: any EventLoop) async throws {
        var configuration = TransportConfiguration()
        configuration.linger = kind.traits.patience * 10
        server = try await StreamServer.bind(
            to: kind.family.freshAddress(),
            on: eventLoop,
            configuration: StreamServerConfiguration(transport: configuration)
        )
        self.address = server.address
        sides = NIOLoopBound(Sides(), eventLoop: eventLoop)
        server.serve { [sides, configuration, sendBuffer = kind.sendBuffer] front in
            sides.value.front = front
            StreamClient.connect(to: address, on: front.channel.eventLoop, configuration: configuration) { result in
                guard case .success(let back) = result else { return front.abort(.aborted) }
                sides.value.back = back
                for side in [front, back] {
                    // A socket that has closed meanwhile needs no buffer.
                    try? side.channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(sendBuffer))
                }
                Relay.join(front, back)
            }
        }
    }

    /// The bytes that have come as far as the relay.
    var arrived: Int {
        guard let front = sides.value.front else { return 0 }
        return front.bytesReceived + front.channel.unreadBytes
    }

    /// What a turn may change.
    var state: [Int] {
        [sides.value.front, sides.value.back].flatMap { side in
            guard let side else { return [0] }
            return [side.snapshot.level, side.bytesReceived, side.inboundLevel, side.report == nil ? 1 : 2]
        }
    }

    /// The rules that say nothing of the relay.
    static func excused(on kind: SocketKind) -> [ContractRule: String] {
        let own = "it is the transport's own, whoever its peer is"
        var excused: [ContractRule: String] = [.c4_6: own, .c10_3: own]
        guard kind.family == .tcp else { return excused }
        for rule in [ContractRule.c6_2, .c6_3, .c6_4, .c6_6] {
            excused[rule] = "what is held at first goes on: two connections and a relay fill up in their own time"
        }
        return excused
    }

    func close() async { await server.abort() }
}
