import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

/// An echo server behind the relay and a small client before it, for `--demo`.
enum Demo {
    struct Surprise: Error {
        var received: String
    }

    /// Each connection is its own consumer: what comes in goes out again, no faster than it is taken.
    static func startEcho() async throws -> StreamServer {
        let server = try await StreamServer.bind(to: ":0")
        server.serve { transport in try? transport.attach(to: transport) }
        return server
    }

    static func run(_ address: StreamAddress) async throws {
        let text = String(repeating: "Water flows as fast as the turbine takes it. ", count: 1000)
        let answer = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: String.self)
        try await StreamClient.connect(to: address, on: answer.futureResult.eventLoop) { transport in
            let echo = Collector<ByteBuffer>(cap: 1 << 20, scheduler: transport.scheduler)
            try transport.attach(to: echo, atEnd: .finish) { _ in
                answer.succeed(echo.elements.map { String(buffer: $0) }.joined())
                transport.finish()
            }
            transport.write(ByteBuffer(string: text))
            transport.finishWriting()
        }
        let received = try await answer.futureResult.get()
        print("sent \(text.utf8.count) bytes through the relay to an echo server, got \(received.utf8.count) back")
        guard received == text else { throw Surprise(received: received) }
    }
}
