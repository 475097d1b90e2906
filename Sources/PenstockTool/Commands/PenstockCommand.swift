import ArgumentParser
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The tool: parses, calls the library, prints.
@main
struct PenstockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "penstock",
        abstract: "Streams data between producers and consumers with back-pressure.",
        discussion: """
            See it work, on this machine and in about 20 seconds:

              penstock demo

            An ADDRESS is HOST:PORT, [IPv6]:PORT, :PORT (loopback) or unix:PATH. A server asked for port 0 takes any that is \
            free and prints it. A SIZE is a number of bytes, or one with k, M or G behind it (times 1024).

            \(ExitStatus.explanation)
            """,
        subcommands: [DemoCommand.self, ServeCommand.self, RelayCommand.self, FetchCommand.self]
    )

    static func main() async {
        // A reader of our output that has gone is an error of the write, to be reported, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            await Console.shared.close()
        } catch {
            await Console.shared.close()
            guard let failure = failure(for: error) else { exit(withError: error) }
            Console.complain(failure.message)
            exit(withError: ExitCode(failure.status.rawValue))
        }
    }

    /// The command that the arguments name, as far as they name one: `penstock serve file`.
    private static func commandName(_ arguments: [String]) -> String {
        var names = ["penstock"]
        var command: any ParsableCommand.Type = Self.self
        for argument in arguments.dropFirst() {
            let subcommands = command.configuration.subcommands
            guard let named = subcommands.first(where: { $0.configuration.commandName == argument }) else { break }
            names.append(argument)
            command = named
        }
        return names.joined(separator: " ")
    }

    /// One line and a status; nil for what is no failure, such as a request for help.
    private static func failure(for error: any Error) -> Failure? {
        if let failure = Failure(error) { return failure }
        guard exitCode(for: error) != .success else { return nil }
        let message = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
        guard exitCode(for: error) == .validationFailure else { return Failure(.failed, message) }
        return Failure(.usage, "\(message) (see '\(commandName(CommandLine.arguments)) --help')")
    }
}
