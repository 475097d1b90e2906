import LoopbackLoad
import NIOCore
import NIOPosix
import Penstock

/// How fast one stream runs from a server to a client over loopback TCP, each on an event loop of its own.
enum ThroughputComparison {
    /// A piece of 64 KiB less what an entry weighs, as servers with the default marks do best to write them.
    static let chunk = ByteBuffer(repeating: 0x70, count: 64 * 1024 - entryOverhead)

    /// One comparison for each size of the pieces in which the server writes, on every side.
    ///
    /// The size decides how often the kernel is called. It is a round number less what an entry weighs: so a piece fits under
    /// the high mark where its bytes alone would, both sides gather equally many for one call, and one of 64 KiB fits into one
    /// packet of the loopback, which carries 65,483 bytes. (A full 64 KiB costs either side a fourth of its speed.)
    static let comparisons = [16, 64, 256].map { size in
        let chunk = ByteBuffer(repeating: 0x70, count: size * 1024 - entryOverhead)
        return Comparison(
            name: "throughput-\(size)",
            summary:
                "one stream from a server to a client over loopback TCP, in pieces of \(size) KiB less \(entryOverhead) bytes",
            figures: [Figure("throughput", unit: "GiB/s", target: .ratioAtLeast(0.97))],
            references: [Side(label: "NIO channels") { try await measure(bareTransfer, chunk, $0) }],
            candidate: Side(label: "Penstock") { try await measure(penstockTransfer, chunk, $0) }
        )
    }

    /// Moves so many bytes from a server on the first loop to a client on the second; returns what arrived.
    typealias Transfer =
        @Sendable (_ bytes: Int, _ chunk: ByteBuffer, _ server: any EventLoop, _ client: any EventLoop) async throws ->
        Int

    private static func measure(_ transfer: Transfer, _ chunk: ByteBuffer, _ scale: Scale) async throws -> [String:
        Double]
    {
        let bytes = scale.pick(full: 4 << 30, quick: 512 << 20)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let loops = [group.next(), group.next()]
        do {
            _ = try await transfer(bytes / 16, chunk, loops[0], loops[1])
            let start = ContinuousClock.now
            let received = try await transfer(bytes, chunk, loops[0], loops[1])
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
    private static let bareTransfer: Transfer = { bytes, chunk, serverLoop, clientLoop in
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
