import ArgumentParser
import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

struct ServeFileCommand: AsyncParsableCommand {
    private static let defaultAddress: StreamAddress = "127.0.0.1:1235"

    static let configuration = CommandConfiguration(
        commandName: "file",
        abstract: "Sends a file to whoever connects, then finishes.",
        discussion: """
            The file is read as fast as the client takes it, and no faster. Its size is fixed when the client connects: what is \
            appended later is not sent, and if the file has become shorter the client is reset. A client that takes nothing for \
            five minutes is disconnected.

            Example, in two terminals:
              penstock serve file /var/log/syslog --listen unix:/tmp/log.sock
              penstock fetch unix:/tmp/log.sock --limit-rate 10k
            """
    )

    @Argument(help: ArgumentHelp("The file to send.", valueName: "path"))
    var path: String

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
        // Better now, to the person who starts the server, than later, to whoever connects.
        _ = try ReadableFile.size(of: path)
        let server = ServerRun(
            address: listen,
            transport: flow.transport,
            options: serving,
            purpose: "serving \(path)"
        )
        let (tally, verbose, chunk, path) = (server.tally, serving.verbose, flow.chunkSize, path)
        try await server.run { transport, name in
            let log = verbose ? ConnectionLog(transport, name: name) : nil
            transport.onClose = { report in
                tally.add(report)
                log?.closed(report)
            }
            transport.onShutdown = {}  // A file under way is sent to its end.
            let loop = transport.scheduler.eventLoop
            let size = NIOThreadPool.singleton.runIfActive(eventLoop: loop) { try ReadableFile.size(of: path) }
            size.assumeIsolated().whenComplete { size in
                do {
                    let (range, scheduler) = (0..<(try size.get()), transport.scheduler)
                    let file = FileSource(path: path, range: range, chunkSize: chunk, scheduler: scheduler)
                    try file.attach(to: transport, atEnd: .finish) { Self.complain($0.end.error, name) }
                } catch {
                    Self.complain(error, name)
                    transport.abort(.failed(error))
                }
            }
        }
    }

    /// Says what was wrong with the file; what was wrong with the connection is in its report.
    private static func complain(_ error: (any Error)?, _ connection: String) {
        guard let error = error as? FileSourceError else { return }
        Console.shared.print("penstock: \(connection): \(error)", to: .err)
    }
}
