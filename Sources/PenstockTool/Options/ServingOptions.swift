import ArgumentParser
import PenstockNIO

/// What the servers have in common.
struct ServingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How many seconds connections have to end after SIGINT or SIGTERM.", valueName: "seconds")
    )
    var grace = 30

    @Flag(help: "Log each connection, and each pause and resume with the level, on stderr.")
    var verbose = false

    func validate() throws {
        guard grace >= 0 else { throw ValidationError("--grace is 0 or more, not \(grace)") }
        guard grace <= 86400 else { throw ValidationError("--grace is at most 86400 seconds, not \(grace)") }
    }
}
