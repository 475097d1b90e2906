import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

/// The main job: servers, a relay before each and their clients, all on one event loop of this process.
struct Demo {
    var plan: DemoPlan
    var transport: TransportConfiguration
    var chunkSize: Int

    /// Runs it and prints the table; answers the points of the verdict.
    func run() async throws -> [DemoVerdict] {
        // The first sleep opens descriptors that the runtime keeps.
        try await Task.sleep(for: .milliseconds(1))
        let before = ProcessFigures.descriptorCount
        let file = try DemoFile(size: plan.fileSize)
        defer { file.remove() }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var verdicts: [DemoVerdict]
        do {
            verdicts = try await run(on: group, file)
        } catch {
            // Closes the servers and whatever is still open.
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
        verdicts.append(try await Self.descriptors(before: before))
        return verdicts
    }

    private func run(on group: MultiThreadedEventLoopGroup, _ file: DemoFile) async throws -> [DemoVerdict] {
        let loop = group.next()
        let board = try await loop.submit { [plan, transport, chunkSize] in
            let board = DemoBoard(plan, file: file, transport: transport, chunkSize: chunkSize, on: loop)
            return NIOLoopBound(board, eventLoop: loop)
        }.get()
        var servers: [StreamServer] = []
        var relays: [DemoPlan.Server: StreamAddress] = [:]
        for kind in [DemoPlan.Server.numbers, .file] {
            let server = try await listen(on: group)
            server.serve { board.value.serve(kind, $0) }
            let relay = try await listen(on: group)
            let back = server.address
            relay.serve { board.value.relay($0, to: back) }
            relays[kind] = relay.address
            servers += [server, relay]
        }
        Console.shared.print(
            "a push server of random numbers, a pull server of a \(Figures.bytes(plan.fileSize)) file, a relay before each, "
                + "\(plan.clients.count) clients, one event loop; marks \(transport.marks)"
        )
        let (summary, elapsed) = try await watch(board, relays)
        for server in servers { await server.shutdown(within: .seconds(5)) }
        Console.shared.print("")
        Console.shared.print("done after \(Figures.seconds(elapsed))")
        if let summary {
            Console.shared.print(
                "a timer of 1 ms on the same loop came every \(Figures.milliseconds(summary.p50)) (p50), "
                    + "\(Figures.milliseconds(summary.p99)) (p99), \(Figures.milliseconds(summary.max)) (max); not judged"
            )
        }
        let now = ProcessFigures.residentBytes
        // The system keeps the peak less exactly than the present.
        if let peak = ProcessFigures.peakResidentBytes.map({ max($0, now ?? 0) }) {
            let present = now.map { "\(Figures.bytes($0)) now, " } ?? ""
            Console.shared.print("resident memory \(present)\(Figures.bytes(peak)) at most; not judged")
        }
        return try await loop.submit { board.value.verdicts() }.get()
    }

    private func listen(on group: MultiThreadedEventLoopGroup) async throws -> StreamServer {
        try await StreamServer.bind(
            to: "127.0.0.1:0",
            on: group,
            configuration: StreamServerConfiguration(transport: transport)
        )
    }

    /// Starts the streams and shows the table until all have ended.
    private func watch(
        _ board: NIOLoopBound<DemoBoard>,
        _ relays: [DemoPlan.Server: StreamAddress]
    ) async throws -> (LatencyProbe.Summary?, Duration) {
        let loop = board.eventLoop
        let start = ContinuousClock.now
        let finished = loop.flatSubmit { board.value.start(relays: relays, timeout: .seconds(180)) }
        let showing = Task {
            var table = DemoTable()
            while !Task.isCancelled {
                do { try await Task.sleep(for: table.interval) } catch { break }
                let rows = try await loop.submit { board.value.rows() }.get()
                table.show(rows, after: ContinuousClock.now - start)
            }
            // The last picture shows how each stream ended.
            let rows = try await loop.submit { board.value.rows() }.get()
            table.show(rows, after: ContinuousClock.now - start)
        }
        do {
            try await withTaskCancellationHandler {
                try await finished.get()
            } onCancel: {
                loop.execute { board.value.abort() }
            }
        } catch {
            showing.cancel()
            loop.execute { board.value.abort() }
            _ = await showing.result
            throw error
        }
        let elapsed = ContinuousClock.now - start
        showing.cancel()
        _ = await showing.result
        return (try await loop.submit { board.value.latency }.get(), elapsed)
    }

    /// A descriptor may be closed a moment after its stream was told; waits for that, but not for long.
    private static func descriptors(before: Int?) async throws -> DemoVerdict {
        guard let before else {
            return DemoVerdict("descriptors", holds: true, "cannot be counted on this system")
        }
        var after = ProcessFigures.descriptorCount ?? -1
        for _ in 0..<100 where after != before {
            try await Task.sleep(for: .milliseconds(20))
            after = ProcessFigures.descriptorCount ?? -1
        }
        return DemoVerdict("descriptors", holds: after == before, "\(before) before, \(after) after")
    }
}
