import ArgumentParser
import NIOCore
import NIOPosix
import Penstock
import PenstockNIO
import UnixSignals

struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Reads everything a server sends, at a limited rate if you like.",
        discussion: """
            What is received is written to standard output or a file. With --limit-rate this is the slow client that one needs \
            to see back-pressure.

            \(ExitStatus.unixExplanation)

            Examples:
              penstock fetch 127.0.0.1:1235 --limit-rate 10k --output copy.bin
              penstock fetch 127.0.0.1:1234 --send 1000000 --limit-rate 1M | tail -1
            """
    )

    @Argument(
        help: ArgumentHelp("Where to connect to: HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH.", valueName: "address"),
        transform: StreamAddress.argument
    )
    var address: StreamAddress

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Read at most this many bytes a second, such as 10k or 1M.", valueName: "size"),
        transform: ByteSize.argument
    )
    var limitRate: ByteSize?

    @Option(help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Send this line first, such as a number to 'serve numbers'.", valueName: "line"))
    var send: String?

    @Flag(help: "No progress on stderr.")
    var quiet = false

    @OptionGroup var flow: FlowOptions

    func validate() throws {
        if let limitRate, limitRate.bytes == 0 { throw ValidationError("--limit-rate must be above 0") }
    }

    func run() async throws {
        let signals = await TerminationSignals()
        let settings = Fetch.Settings(
            output: output,
            request: send.map { $0 + "\r\n" },
            rate: limitRate?.bytes,
            marks: flow.marks,
            showsProgress: !quiet
        )
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Fetch.Outcome.self)
        let fetch = try await connect(settings, on: loop, promise)

        let outcome = Task { try await promise.futureResult.get() }
        let interruption = Task { () -> UnixSignal? in
            let signal = await signals.next()
            if signal != nil { loop.execute { fetch.value.cancel() } }
            return signal
        }
        let result = try await outcome.value
        interruption.cancel()
        try judge(result, interruptedBy: await interruption.value)
    }

    private func connect(
        _ settings: Fetch.Settings,
        on loop: any EventLoop,
        _ promise: EventLoopPromise<Fetch.Outcome>
    ) async throws -> NIOLoopBound<Fetch> {
        var configuration = flow.transport
        // A tenth of a second's worth at a time keeps the rate even; and at a low rate nothing moves for long.
        if let rate = settings.rate {
            configuration.largestRead = max(1, min(configuration.largestRead, rate / 10))
            configuration.idleTimeout = nil
        }
        do {
            return try await StreamClient.connect(to: address, on: loop, configuration: configuration) { transport in
                let fetch = Fetch(transport, settings, promise: promise)
                fetch.start(request: settings.request)
                return NIOLoopBound(fetch, eventLoop: loop)
            }
        } catch {
            promise.fail(error)
            throw error
        }
    }

    private func judge(_ outcome: Fetch.Outcome, interruptedBy signal: UnixSignal?) throws {
        let got = "\(Figures.count(outcome.written, "byte")) in \(Figures.seconds(outcome.duration))"
        if let error = outcome.end.error as? OutputError { throw error }
        if let signal, !outcome.end.isOrderly { throw Failure(.interrupted(by: signal), "interrupted after \(got)") }
        guard outcome.end.isOrderly else {
            throw Failure(.incomplete, "the transfer is incomplete after \(got): \(outcome.end.words)")
        }
        guard outcome.written == outcome.received else {
            throw Failure(.incomplete, "only \(got) of \(Figures.grouped(outcome.received)) were written")
        }
        let rate = Double(outcome.written) / max(Figures.number(of: outcome.duration), 0.001)
        if !quiet { Console.shared.print("received \(got), \(Figures.bytes(Int(rate)))/s", to: .err) }
    }
}
