import NIOCore
import Penstock
import PenstockNIO

/// The numbers server in its simplest form: asks how many integers are wanted, reads a line, writes that many.
///
///     swift run Streaming [ADDRESS]     then, for example: nc 127.0.0.1 1234
///     swift run Streaming --demo
@main
struct Streaming {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let isDemo = arguments.contains("--demo")
        let address = try StreamAddress(arguments.first { $0 != "--demo" } ?? (isDemo ? ":0" : ":1234"))

        let server = try await StreamServer.bind(to: address)
        server.serve(greet)
        print("listening on \(server.address)")
        if isDemo {
            try await Demo.run(server.address)
            await server.shutdown()
        } else {
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    /// A client has connected; everything of its connection runs on the event loop this is called on.
    @Sendable static func greet(_ transport: ChannelTransport) {
        transport.write(ByteBuffer(string: "How many random integers do you want?\r\n"))
        let framer = LineFramer<ByteBuffer>(maximumLength: 1024, scheduler: transport.scheduler)
        let lines = NullConsumer<Line<ByteBuffer>>(scheduler: transport.scheduler)
        lines.onElement = { [unowned lines] line in
            // One line is all this server takes.
            lines.hold()
            guard let count = Int(String(buffer: line.bytes)), count >= 0 else {
                transport.write(ByteBuffer(string: "That is not a number.\r\n"))
                return transport.finish()
            }
            try? RandomNumbers(count: count, to: transport).start()
        }
        // The client has finished: so do we, once the producer has unregistered.
        lines.onEnd = { _, _ in transport.finish(within: nil) }
        try? framer.attach(to: lines)
        try? transport.attach(to: framer)
    }
}
