import NIOCore
import PenstockNIO
import UnixSignals

/// Runs a server until SIGINT or SIGTERM: drains, prints a summary; a second signal aborts.
struct ServerRun {
    var address: StreamAddress
    var transport: TransportConfiguration
    var options: ServingOptions
    /// Shown when the server has begun to listen, behind the address.
    var purpose: String
    let tally = Tally()

    /// - Parameter serve: Is given each connection, with a name for what is printed about it.
    func run(_ serve: @escaping @Sendable (ChannelTransport, String) -> Void) async throws {
        // Before the line that tells that the server is there: from then on a signal is expected to drain.
        let signals = await TerminationSignals()
        let server = try await StreamServer.bind(
            to: address,
            configuration: StreamServerConfiguration(transport: transport)
        )
        Console.shared.print("listening on \(server.address), \(purpose)")
        server.serve { [tally] transport in
            let number = tally.begin()
            serve(transport, transport.channel.remoteAddress?.endpoint ?? "#\(number)")
        }

        guard let first = await signals.next() else { return }
        let open = (try? await server.connectionCount) ?? 0
        let draining = "draining \(Figures.count(open, "connection")) for up to \(options.grace) s"
        Console.shared.print(
            "\(first) received: \(draining); once more to abort",
            to: .err
        )
        let before = tally.current.incomplete
        let second = await drain(server, signals)
        // As long as a connection that is over on one side lingers for the other.
        await tally.settle(within: second == nil ? transport.linger + .seconds(1) : .seconds(1))
        Console.shared.print(tally.summary)
        if let second { throw Failure(.interrupted(by: second), "\(second) received again: aborted") }
        let cut = tally.current.incomplete - before
        guard cut == 0 else {
            throw Failure(.incomplete, "\(Figures.count(cut, "connection")) ended incomplete while draining")
        }
    }

    /// Returns when every connection has ended, with the signal that cut it short, if one did.
    private func drain(_ server: StreamServer, _ signals: TerminationSignals) async -> UnixSignal? {
        let grace = Duration.seconds(options.grace)
        return await withTaskGroup(of: UnixSignal?.self) { group in
            group.addTask {
                await server.shutdown(within: grace)
                return nil
            }
            group.addTask { await signals.next() }
            let signal = await group.next() ?? nil
            if signal != nil { await server.abort() }
            group.cancelAll()
            return signal
        }
    }
}
