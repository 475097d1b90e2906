import LoopbackLoad
import Penstock
import PenstockNIO

extension TimerComparison {
    /// Starts a server of Penstock's on a loop, with default options.
    static let startPenstockServer: ServerStart? = { loop in
        let server = try await StreamServer.bind(to: .tcp(host: "127.0.0.1", port: 0), on: loop)
        server.serve { transport in
            do {
                let chunk = ThroughputComparison.chunk
                try PumpSource(bytes: .max, chunk: chunk, scheduler: transport.scheduler).start(into: transport)
            } catch {
                transport.abort(.failed(error))
            }
        }
        guard let port = server.address.port else { throw MeasurementError("the server has no port") }
        return RunningServer(port: port) { await server.abort() }
    }
}
