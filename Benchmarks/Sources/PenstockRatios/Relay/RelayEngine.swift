import ArgumentParser
import LoopbackLoad
import NIOCore
import NIOPosix

/// The relays that can be measured.
enum RelayEngine: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Plain NIO with `GlueHandler` and default options.
    case nio
    /// Penstock's `Relay`.
    case penstock

    /// Starts a relay on one event loop and returns the port that it listens on.
    func start(to target: SocketAddress) async throws -> Int {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        return switch self {
        case .nio: try await startGlueRelay(group: group, to: target)
        case .penstock: try await startPenstockRelay(group: group, to: target)
        }
    }
}

/// Starts a plain NIO relay; a front connection is read only once its back is connected.
private func startGlueRelay(group: MultiThreadedEventLoopGroup, to target: SocketAddress) async throws -> Int {
    let server = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 1024)
        .childChannelInitializer { front in
            ClientBootstrap(group: front.eventLoop).connect(to: target).flatMapThrowing { back in
                let (frontGlue, backGlue) = GlueHandler.pair()
                try front.pipeline.syncOperations.addHandler(frontGlue)
                try back.pipeline.syncOperations.addHandler(backGlue)
            }
        }
        .bind(to: SocketAddress(ipAddress: "127.0.0.1", port: 0))
        .get()
    guard let port = server.localAddress?.port else { throw MeasurementError("the relay has no port") }
    return port
}
