import LoopbackLoad
import NIOCore
import NIOPosix

/// How late a timer of 1 ms comes on an event loop that also carries eight saturated streams.
enum TimerComparison {
    private static let streams = 8

    static let comparison = Comparison(
        name: "timer",
        summary: "gap between two firings of a 1 ms timer on a loop with \(streams) saturated streams",
        figures: [
            Figure("p50", unit: "ms"),
            Figure("p99", unit: "ms", target: .atMost(2)),
            Figure("max", unit: "ms"),
            Figure("throughput", unit: "GiB/s"),
        ],
        references: [
            Side(label: "idle loop") { try await measure(nil, $0) },
            Side(label: "NIO channels") { try await measure(startBareServer, $0) },
        ],
        candidate: startPenstockServer.map { start in
            Side(label: "Penstock") { try await measure(start, $0) }
        }
    )

    /// Starts a server on a loop that sends to each client without end, and returns it.
    typealias ServerStart = @Sendable (any EventLoop) async throws -> RunningServer

    /// A server that sends to whoever connects.
    struct RunningServer: Sendable {
        /// The port on loopback that it listens on.
        let port: Int
        /// Ends it.
        let stop: @Sendable () async throws -> Void
    }

    private static func measure(_ start: ServerStart?, _ scale: Scale) async throws -> [String: Double] {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let sample = try await measure(start, seconds: scale.pick(full: 4, quick: 1), on: group.next())
            try await group.shutdownGracefully()
            return sample
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func measure(
        _ start: ServerStart?,
        seconds: Double,
        on loop: any EventLoop
    ) async throws -> [String: Double] {
        let server = try await start?(loop)
        let port = server.map { UInt16($0.port) }
        let load = try await blocking {
            var load = Load()
            if let port {
                for _ in 0..<streams { load.sinks.append(try Loopback.connect(to: port)) }
                try load.pump(seconds: seconds / 5)
            }
            return load
        }
        let recorder = GapRecorder(loop: loop)
        try await recorder.start()
        let received = try await blocking { try load.pump(seconds: seconds) }
        let gaps = try await recorder.stop().sorted()
        try await server?.stop()
        var sample = ["p50": quantile(0.5, ofSorted: gaps), "p99": quantile(0.99, ofSorted: gaps), "max": gaps.last]
        if server != nil { sample["throughput"] = Double(received) / Double(1 << 30) / seconds }
        return sample.compactMapValues { $0 }
    }

    /// A server on bare NIO channels with default options, which writes whenever a channel is writable.
    private static let startBareServer: ServerStart = { loop in
        let server = try await ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = PumpHandler(bytes: .max, chunk: ThroughputComparison.chunk)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(to: SocketAddress(ipAddress: "127.0.0.1", port: 0))
            .get()
        guard let port = server.localAddress?.port else { throw MeasurementError("the server has no port") }
        return RunningServer(port: port) { try await server.close() }
    }
}
