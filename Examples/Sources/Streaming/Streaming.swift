import NIOCore
import Penstock
import PenstockNIO

/// The numbers server in its simplest form: asks how many integers are wanted, reads a line, writes that many.
///
/// The producer comes in three styles: one that is paused and resumed (`push`), one that is asked for each integer (`pull`), and a
/// loop that waits (`async`). A client cannot tell them apart.
///
///     swift run Streaming [push|pull|async] [ADDRESS]     then, for example: nc 127.0.0.1 1234
///     swift run Streaming --demo
@main
struct Streaming {
    enum Style: String, CaseIterable {
        case push, pull, async
    }

    static let question = ByteBuffer(string: "How many random integers do you want?\r\n")
    static let complaint = ByteBuffer(string: "That is not a number.\r\n")

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.contains("--demo") {
            for style in Style.allCases { try await demonstrate(style) }
            return
        }
        let style = arguments.lazy.compactMap(Style.init).first ?? .push
        let address = try StreamAddress(arguments.first { Style(rawValue: $0) == nil } ?? ":1234")
        let server = try await StreamServer.bind(to: address)
        print("listening on \(server.address)")
        try await run(server, style)
    }

    private static func demonstrate(_ style: Style) async throws {
        let server = try await StreamServer.bind(to: ":0")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await run(server, style) }
            print(style.rawValue, terminator: ": ")
            try await Demo.run(server.address)
            group.cancelAll()
        }
    }

    private static func run(_ server: StreamServer, _ style: Style) async throws {
        switch style {
        case .async:
            try await server.run(onError: { print("\($1)") }, converse)
        case .push:
            try await serve(server) { try RandomNumbers(count: $0, to: $1).start() }
        case .pull:
            try await serve(server) { try AskedNumbers(count: $0, to: $1).start() }
        }
    }

    /// Serves until the task is cancelled.
    private static func serve(
        _ server: StreamServer,
        _ start: @escaping @Sendable (_ count: Int, _ transport: ChannelTransport) throws -> Void
    ) async throws {
        server.serve { transport in greet(transport, start) }
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        await server.shutdown()
    }

    /// A client has connected; everything of its connection runs on the event loop this is called on.
    private static func greet(
        _ transport: ChannelTransport,
        _ start: @escaping (_ count: Int, _ transport: ChannelTransport) throws -> Void
    ) {
        transport.write(question)
        let framer = LineFramer<ByteBuffer>(maximumLength: 1024, scheduler: transport.scheduler)
        let lines = NullConsumer<Line<ByteBuffer>>(scheduler: transport.scheduler)
        lines.onElement = { [unowned lines] line in
            // One line is all this server takes.
            lines.hold()
            guard let count = Int(String(buffer: line.bytes)), count >= 0 else {
                transport.write(complaint)
                return transport.finish()
            }
            try? start(count, transport)
        }
        // The client has finished: so do we, once the producer has unregistered.
        lines.onEnd = { _, _ in transport.finish(within: nil) }
        try? framer.attach(to: lines)
        try? transport.attach(to: framer)
    }

    /// The same in `async` code: a write waits while the client does not take what was written.
    @Sendable private static func converse(_ connection: isolated Connection) async throws {
        try await connection.write(question)
        var line = ByteBuffer()
        while !line.readableBytesView.contains(UInt8(ascii: "\n")), line.readableBytes < 1024 {
            guard let more = try await connection.read() else { break }
            line.writeImmutableBuffer(more)
        }
        let digits = String(buffer: line).prefix { !$0.isNewline }
        guard let count = Int(digits), count >= 0 else { return try await connection.write(complaint) }
        for _ in 0..<count {
            try await connection.write(ByteBuffer(string: "\(Int.random(in: 0...9999))\r\n"))
        }
    }
}
