import ArgumentParser
import Penstock
import PenstockNIO

struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Passes each connection on to another address, both ways.",
        discussion: """
            A slow side slows only its own opposite. SIGINT or SIGTERM lets the connections end and prints a summary; a second \
            one aborts them.

            Example:
              penstock relay --listen 127.0.0.1:8000 --to unix:/tmp/app.sock
            """
    )

    @Option(
        help: ArgumentHelp("Where to listen: HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH.", valueName: "address"),
        transform: StreamAddress.argument
    )
    var listen: StreamAddress

    @Option(help: ArgumentHelp("Where to connect to.", valueName: "address"), transform: StreamAddress.argument)
    var to: StreamAddress

    @OptionGroup var serving: ServingOptions
    @OptionGroup var flow: FlowOptions

    func run() async throws {
        let server = ServerRun(
            address: listen,
            transport: flow.transport,
            options: serving,
            purpose: "relaying to \(to)"
        )
        let (tally, verbose, configuration, to) = (server.tally, serving.verbose, flow.transport, to)
        try await server.run { front, name in
            RelayedConnection(front, name: name, to: to, tally: tally, verbose: verbose).start(configuration)
        }
    }
}
