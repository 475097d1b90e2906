import LoopbackLoad
import NIOCore
import Penstock
import PenstockNIO

extension ThroughputComparison {
    /// The transfer on Penstock's transports with default options.
    static let penstockTransfer: Transfer = { bytes, chunk, serverLoop, clientLoop in
        let server = try await StreamServer.bind(to: .tcp(host: "127.0.0.1", port: 0), on: serverLoop)
        server.serve { transport in
            do {
                try PumpSource(bytes: bytes, chunk: chunk, scheduler: transport.scheduler).start(into: transport)
            } catch {
                transport.abort(.failed(error))
            }
        }
        let done = clientLoop.makePromise(of: Int.self)
        let deadline = clientLoop.scheduleTask(in: .seconds(60)) {
            done.fail(MeasurementError("the transfer took more than a minute"))
        }
        try await StreamClient.connect(to: server.address, on: clientLoop) { transport in
            let sink = NullConsumer<ByteBuffer>(weight: { $0.readableBytes }, scheduler: transport.scheduler)
            transport.onClose = { done.succeed($0.bytesReceived) }
            try transport.attach(to: sink, atEnd: .finish) { _ in transport.finish() }
        }
        let received = try await done.futureResult.get()
        deadline.cancel()
        await server.shutdown()
        return received
    }
}
