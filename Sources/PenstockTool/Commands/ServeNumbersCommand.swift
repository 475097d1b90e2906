import ArgumentParser
import Penstock
import PenstockNIO

struct ServeNumbersCommand: AsyncParsableCommand {
    private static let defaultAddress: StreamAddress = "127.0.0.1:1234"

    static let configuration = CommandConfiguration(
        commandName: "numbers",
        abstract: "Asks how many random integers are wanted, and sends them, one a line.",
        discussion: """
            Reads a line with a whole number from 0 to 1000000000000, sends that many integers from 0 to 9999, serves the lines \
            that came meanwhile, and finishes. A client that takes nothing for five minutes is disconnected.

            Example, in two terminals:
              penstock serve numbers --verbose
              echo 1000000 | nc 127.0.0.1 1234 | less
            """
    )

    @Option(
        help: ArgumentHelp(
            "Where to listen: HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH (default: \(Self.defaultAddress)).",
            valueName: "address"
        ),
        transform: StreamAddress.argument
    )
    var listen = Self.defaultAddress

    @OptionGroup var serving: ServingOptions
    @OptionGroup var flow: FlowOptions

    func run() async throws {
        let server = ServerRun(
            address: listen,
            transport: flow.transport,
            options: serving,
            purpose: "serving random numbers"
        )
        let (tally, verbose, chunk) = (server.tally, serving.verbose, flow.chunkSize)
        try await server.run { transport, name in
            let log = verbose ? ConnectionLog(transport, name: name) : nil
            transport.onClose = { report in
                tally.add(report)
                log?.closed(report)
            }
            let session = NumbersSession(transport: transport, chunkSize: chunk, scheduler: transport.scheduler)
            // Answers under way are completed; only a client that has asked for nothing is sent away.
            transport.onShutdown = { [weak session] in session?.shutdown() }
            session.start()
        }
    }
}
