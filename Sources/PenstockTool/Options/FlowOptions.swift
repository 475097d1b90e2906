import ArgumentParser
import Penstock
import PenstockNIO

/// The options that every command has: how much a connection holds, and in which pieces.
struct FlowOptions: ParsableArguments {
    private static let defaultHigh = ByteSize(bytes: Watermarks.bytes.high)

    // A value that begins with a dash is a wrong value, not a missing one.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Pause the producer above this level (default: \(Self.defaultHigh)).", valueName: "size"),
        transform: ByteSize.argument
    )
    var high = Self.defaultHigh

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Let it go on at or below this level (default: half of --high).", valueName: "size"),
        transform: ByteSize.argument
    )
    var low: ByteSize?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most bytes read or produced at once (default: 16k produced, 128k read).",
            valueName: "size"
        ),
        transform: ByteSize.argument
    )
    var chunk: ByteSize?

    func validate() throws {
        if let low, low.bytes > high.bytes {
            throw ValidationError("--low (\(low)) must not be above --high (\(high))")
        }
        // Far below what a level can count, far above what anyone wants held.
        guard high.bytes <= 1 << 40 else { throw ValidationError("--high is at most 1024G") }
        if let chunk, !(1...(1 << 30)).contains(chunk.bytes) {
            throw ValidationError("--chunk is from 1 to 1G, not \(chunk)")
        }
    }

    var marks: Watermarks { Watermarks(low: low?.bytes ?? high.bytes / 2, high: high.bytes) }

    /// How many bytes a producer of ours writes at once.
    var chunkSize: Int { chunk?.bytes ?? 16 << 10 }

    /// The library's defaults, but for two waits that a slow peer may outlast without being gone.
    var transport: TransportConfiguration {
        var configuration = TransportConfiguration(marks: marks)
        if let chunk { configuration.largestRead = chunk.bytes }
        // The stall timeout decides when a peer is gone: what was accepted is sent, however long that takes.
        configuration.finishDeadline = nil
        // The kernel takes a new portion only when a third of its buffer is free: minutes, at a few KiB a second.
        configuration.stallTimeout = .seconds(300)
        return configuration
    }
}
