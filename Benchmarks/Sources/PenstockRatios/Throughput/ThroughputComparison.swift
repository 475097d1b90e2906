import LoopbackLoad
import NIOCore
import NIOPosix

/// How fast one stream runs from a server to a client over loopback TCP, each on an event loop of its own.
enum ThroughputComparison {
    /// The size of the pieces in which the server writes, on every side.
    static let chunk = ByteBuffer(repeating: 0x70, count: 64 * 1024)

    static let comparison = Comparison(
        name: "throughput",
        summary: "one stream from a server to a client over loopback TCP, in pieces of 64 KiB",
        figures: [Figure("throughput", unit: "GiB/s", target: .ratioAtLeast(0.97))],
        references: [Side(label: "NIO channels") { try await measure(bareTransfer, $0) }],
        candidate: penstockTransfer.map { transfer in
            Side(label: "Penstock") { try await measure(transfer, $0) }
        }
    )

    /// Moves so many bytes from a server on the first loop to a client on the second; returns what arrived.
    typealias Transfer = @Sendable (_ bytes: Int, _ server: any EventLoop, _ client: any EventLoop) async throws -> Int

    private static func measure(_ transfer: Transfer, _ scale: Scale) async throws -> [String: Double] {
        let bytes = scale.pick(full: 4 << 30, quick: 512 << 20)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let loops = [group.next(), group.next()]
        do {
            _ = try await transfer(bytes / 16, loops[0], loops[1])
            let start = ContinuousClock.now
            let received = try await transfer(bytes, loops[0], loops[1])
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            try await group.shutdownGracefully()
            guard received == bytes else { throw MeasurementError("\(received) of \(bytes) bytes arrived") }
            return ["throughput": Double(bytes) / Double(1 << 30) / elapsed]
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// The transfer on bare NIO channels with default options.
    private static let bareTransfer: Transfer = { bytes, serverLoop, clientLoop in
        let server = try await ServerBootstrap(group: serverLoop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PumpHandler(bytes: bytes, chunk: chunk))
                }
            }
            .bind(to: SocketAddress(ipAddress: "127.0.0.1", port: 0))
            .get()
        guard let address = server.localAddress else { throw MeasurementError("the server has no address") }
        let done = clientLoop.makePromise(of: Int.self)
        let deadline = clientLoop.scheduleTask(in: .seconds(60)) {
            done.fail(MeasurementError("the transfer took more than a minute"))
        }
        let client = try await ClientBootstrap(group: clientLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(CountHandler(done: done))
                }
            }
            .connect(to: address)
            .get()
        let received = try await done.futureResult.get()
        deadline.cancel()
        try await client.closeFuture.get()
        try await server.close()
        return received
    }
}
