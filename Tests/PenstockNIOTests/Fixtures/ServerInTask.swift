import NIOCore
import NIOPosix
import Penstock
import Synchronization

@testable import PenstockNIO

/// What went wrong in the handlers of a server, in the order in which it was told.
final class Failures: Sendable {
    private let errors = Mutex<[any Error]>([])
    /// Told when the first has been noted.
    let hasSome = Signal<Void>()

    var all: [any Error] { errors.withLock { $0 } }

    func note(_ error: any Error) {
        errors.withLock { $0.append(error) }
        hasSome.tell()
    }
}

/// Runs a server with a handler while the body runs, cancels its task then, and answers its report.
@discardableResult
func withServer(
    _ family: SocketFamily,
    _ configuration: TransportConfiguration = TransportConfiguration(),
    on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    shutdownWithin deadline: Duration = .seconds(60),
    failures: Failures = Failures(),
    handler: @escaping @Sendable (isolated Connection) async throws -> Void,
    _ body: (StreamServer) async throws -> Void
) async throws -> StreamServer.RunReport {
    let server = try await StreamServer.bind(
        to: family.freshAddress(),
        on: group,
        configuration: StreamServerConfiguration(transport: configuration)
    )
    let task = Task {
        try await server.run(shutdownWithin: deadline, onError: { failures.note($1) }, handler)
    }
    do {
        try await body(server)
    } catch {
        await server.abort()
        task.cancel()
        throw error
    }
    task.cancel()
    return try await task.value
}

extension Connection {
    /// Lets the kernel accept little, so that a slow peer is felt soon.
    func shrinkSendBuffer(to size: Int = 4096) {
        withTransport { transport in
            try? transport.channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(size))
        }
    }

    /// Writes the pattern in chunks.
    func writePattern(_ count: Int, of size: Int = 10_000) async throws {
        for chunk in Pattern.chunks(count, of: size) { try await write(chunk) }
    }
}
