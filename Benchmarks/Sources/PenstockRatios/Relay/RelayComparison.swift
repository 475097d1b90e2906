import LoopbackLoad

/// How fast a relay is, and what it costs, with eight streams through it at once.
enum RelayComparison {
    private static let streams = 8

    static let comparison = Comparison(
        name: "relay",
        summary: "\(streams) streams through a relay in a process of its own, on one event loop",
        figures: [
            Figure("throughput", unit: "GiB/s", target: .ratioAtLeast(0.97)),
            Figure("processor", unit: "s/GiB", target: .ratioAtMost(1 / 0.97)),
        ],
        references: [side("NIO glue", .nio)],
        candidate: side("Penstock", .penstock)
    )

    private static func side(_ label: String, _ engine: RelayEngine) -> Side {
        Side(label: label) { scale in
            try await blocking { try measure(engine, seconds: scale.pick(full: 3, quick: 1)) }
        }
    }

    private static func measure(_ engine: RelayEngine, seconds: Double) throws -> [String: Double] {
        let (listener, target) = try Loopback.listen()
        let relay = try RelayProcess(engine, to: target)
        var load = Load()
        for _ in 0..<streams {
            load.sources.append(try Loopback.connect(to: relay.port))
            load.sinks.append(try Loopback.accept(on: listener))
        }
        for socket in load.sources + load.sinks { socket.resetOnClose() }
        try load.pump(seconds: seconds / 5)
        let before = try relay.usage()
        let start = ContinuousClock.now
        let received = try load.pump(seconds: seconds)
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let after = try relay.usage()
        let gibibytes = Double(received) / Double(1 << 30)
        guard gibibytes > 0 else { throw MeasurementError("nothing came through the relay") }
        return [
            "throughput": gibibytes / elapsed,
            "processor": (after.seconds - before.seconds) / gibibytes,
        ]
    }
}
