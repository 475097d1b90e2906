import NIOCore
import Penstock
import PenstockNIO

/// An echo server and its client in `async` code, each connection owned by a scope.
///
///     swift run Structured [ADDRESS]     then, for example: nc 127.0.0.1 1234
///     swift run Structured --demo
///
/// This target is built without any upcoming feature of the compiler, as a package has it that was just created.
@main
struct Structured {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let isDemo = arguments.contains("--demo")
        let address = try StreamAddress(arguments.first { $0 != "--demo" } ?? (isDemo ? ":0" : ":1234"))

        let server = try await StreamServer.bind(to: address)
        print("listening on \(server.address)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let report = try await server.run(onError: { print("a connection has failed: \($1)") }, echo)
                print("served \(report)")
            }
            guard isDemo else { return try await group.waitForAll() }
            try await talk(to: server.address)
            // Shuts the server down.
            group.cancelAll()
        }
    }

    /// Runs on the event loop of the connection; returning finishes it, throwing aborts it.
    @Sendable static func echo(_ connection: isolated Connection) async throws {
        for try await chunk in connection.inbound {
            try await connection.write(chunk)
        }
    }

    /// The writer is a child task of its own, because an echo comes while there is more to say.
    static func talk(to address: StreamAddress) async throws {
        let lines = 10_000
        let received = try await StreamClient.withConnection(to: address) { connection in
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    for number in 1...lines { try await connection.write(ByteBuffer(string: "line \(number)\r\n")) }
                    // The server has everything, and its loop comes to an end.
                    try await connection.finishWriting()
                    return 0
                }
                group.addTask {
                    var count = 0
                    for try await chunk in connection.inbound {
                        count += chunk.readableBytesView.count { $0 == UInt8(ascii: "\n") }
                    }
                    return count
                }
                var count = 0
                for try await part in group { count += part }
                return count
            }
        }
        print("wrote \(lines) lines and read \(received)")
        guard received == lines else { throw Surprise(lines: received) }
    }

    struct Surprise: Error {
        var lines: Int
    }
}
