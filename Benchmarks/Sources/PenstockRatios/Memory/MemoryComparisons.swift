import Glibc
import LoopbackLoad

/// What a relayed connection keeps resident in the relay's process when nothing moves.
enum MemoryComparisons {
    /// Connections whose far end takes nothing while the near end has pumped until everything is full.
    static let stalled = Comparison(
        name: "memory/stalled",
        summary: "resident memory per relayed connection whose peer takes nothing, all buffers full",
        figures: figures(limit: 160),
        references: [side("NIO glue", .nio, fillUp)],
        candidate: side("Penstock", .penstock, fillUp)
    )

    /// Connections that have moved 1 MiB and then nothing for five seconds.
    static let quiet = Comparison(
        name: "memory/quiet",
        summary: "resident memory per relayed connection that moved 1 MiB, then was quiet for 5 s",
        figures: figures(limit: 16),
        references: [side("NIO glue", .nio, moveAndRest)],
        candidate: side("Penstock", .penstock, moveAndRest)
    )

    private static func figures(limit: Double) -> [Figure] {
        [
            Figure("resident", unit: "KiB each", target: .atMost(limit)),
            Figure("second time", unit: "KiB each"),
            Figure("left behind", unit: "KiB in all"),
            Figure("left open", unit: "descriptors", target: .atMost(0)),
        ]
    }

    private typealias Use = @Sendable (_ load: inout Load, _ scale: Scale) throws -> Void

    private static func side(_ label: String, _ engine: RelayEngine, _ use: @escaping Use) -> Side {
        Side(label: label) { scale in
            try await blocking { try measure(engine, scale, use) }
        }
    }

    /// Uses as many connections twice over in one relay, and takes the memory of the second round.
    ///
    /// What counts is the difference from the fresh process: what the heap kept from the first round is part of what
    /// the second round holds.
    private static func measure(_ engine: RelayEngine, _ scale: Scale, _ use: Use) throws -> [String: Double] {
        let connections = scale.pick(full: 200, quick: 50)
        let (listener, target) = try Loopback.listen()
        let relay = try RelayProcess(engine, to: target)
        // Some descriptors of a process are opened late, so the first round's end tells how many are there when idle.
        usleep(200_000)
        let start = try relay.usage(afterTrim: true)
        _ = try residentBytes(relay, listener, connections, scale, use)
        let idle = try relay.settledDescriptors()
        let between = try relay.usage(afterTrim: true)
        let full = try residentBytes(relay, listener, connections, scale, use)
        let left = try relay.settledDescriptors() - idle
        let end = try relay.usage(afterTrim: true)
        return [
            "resident": (full - start.residentBytes) / 1024 / Double(connections),
            "second time": (full - between.residentBytes) / 1024 / Double(connections),
            "left behind": (end.residentBytes - start.residentBytes) / 1024,
            "left open": Double(left),
        ]
    }

    /// Opens the connections, uses them, and returns the relay's resident memory before it closes them again.
    private static func residentBytes(
        _ relay: RelayProcess,
        _ listener: Descriptor,
        _ connections: Int,
        _ scale: Scale,
        _ use: Use
    ) throws -> Double {
        var load = Load()
        for _ in 0..<connections {
            load.sources.append(try Loopback.connect(to: relay.port))
            load.sinks.append(try Loopback.accept(on: listener))
        }
        for socket in load.sources + load.sinks { socket.resetOnClose() }
        try use(&load, scale)
        return try relay.usage(afterTrim: true).residentBytes
    }

    /// Writes into every connection until nothing more goes in for a second, and takes nothing out.
    private static let fillUp: Use = { load, scale in
        let taking = load.sinks
        load.sinks = []
        defer { load.sinks = taking }
        try load.pump(seconds: 60, untilStill: scale.pick(full: 1.5, quick: 0.5))
    }

    /// Moves 1 MiB through every connection, then leaves them alone.
    private static let moveAndRest: Use = { load, scale in
        load.bytesPerSource = 1 << 20
        let received = try load.pump(seconds: 60)
        guard received == load.sinks.count << 20 else {
            throw MeasurementError("only \(received) bytes came through the relay")
        }
        usleep(scale.pick(full: 5_000_000, quick: 1_000_000))
    }
}
