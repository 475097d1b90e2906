import ArgumentParser

/// Measures what Penstock costs beside bare NIO, a queue, and a plain call.
@main
struct PenstockRatios: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "PenstockRatios",
        abstract: "Measures what Penstock costs beside bare NIO, a queue, and a plain call.",
        discussion: "Exit status: 0 if every target is reached, 1 if one is missed.",
        subcommands: [Measure.self, RelayChild.self],
        defaultSubcommand: Measure.self
    )
}

/// Runs the comparisons and prints a table for each.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Run the comparisons (this is the default)."
    )

    @Flag(help: "Three short runs instead of five long ones: for a look, not for a verdict.")
    var quick = false

    @Option(help: "Only the comparisons whose name contains this text; may be given several times.")
    var filter: [String] = []

    @Flag(help: "Print the names of the comparisons and stop.")
    var list = false

    func run() async throws {
        let chosen = Self.comparisons.filter { comparison in
            filter.isEmpty || filter.contains { comparison.name.contains($0) }
        }
        guard !chosen.isEmpty else {
            throw ValidationError("No comparison has a name that contains \(filter.joined(separator: " or ")).")
        }
        if list {
            for comparison in chosen { print(comparison.name) }
            return
        }
        DescriptorLimit.raise()
        print(try HandOffComparisons.allocationCheck() + "\n", flushing: true)
        let runner = Runner(scale: quick ? .quick : .full)
        var misses = 0
        for comparison in chosen {
            let outcome = try await runner.run(comparison)
            print(Report.lines(outcome).joined(separator: "\n"), flushing: true)
            misses += outcome.hasMiss ? 1 : 0
        }
        guard misses == 0 else {
            print("\(misses) of \(chosen.count) comparisons missed a target.")
            throw ExitCode(1)
        }
    }

    private static var comparisons: [Comparison] {
        HandOffComparisons.all
            + DoorComparisons.all
            + CrossingComparison.comparisons
            + ThroughputComparison.comparisons
            + [RelayComparison.comparison, TimerComparison.comparison]
            + [MemoryComparisons.stalled, MemoryComparisons.quiet]
    }
}
