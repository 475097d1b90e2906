import NIOCore
import Penstock
import PenstockNIO

/// Serves a text file with a number before each line: a chain of a source, two stages and a transport.
///
///     swift run NumberedLines FILE [ADDRESS]     then, for example: nc 127.0.0.1 1234 | less
///     swift run NumberedLines --demo
@main
struct NumberedLines {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst().filter { $0 != "--demo" })
        let isDemo = CommandLine.arguments.contains("--demo")
        let path = arguments.first ?? #filePath
        let address = try StreamAddress(arguments.count > 1 ? arguments[1] : isDemo ? ":0" : ":1234")

        let server = try await StreamServer.bind(to: address)
        server.serve { transport in sendNumbered(path, to: transport) }
        print("serving \(path) on \(server.address)")
        if isDemo {
            try await Demo.run(server.address, path)
            await server.shutdown()
        } else {
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    /// Sends a text file with a number before each line, at the pace of whoever reads it.
    static func sendNumbered(_ path: String, to transport: ChannelTransport) {
        let scheduler = transport.scheduler
        let file = FileSource(path: path, scheduler: scheduler)
        let lines = LineFramer<ByteBuffer>(maximumLength: 1 << 20, scheduler: scheduler)
        var number = 0
        let numbered = Map<Line<ByteBuffer>, ByteBuffer>(marks: .bytes, scheduler: scheduler) { line in
            number += 1
            return ByteBuffer(string: "\(number)\t\(String(buffer: line.bytes))\n")
        }
        do {
            // file → lines → numbered → transport, from the far end: what reads the file comes last.
            try numbered.attach(to: transport)
            try lines.attach(to: numbered)
            try file.attach(to: lines)
        } catch {
            transport.abort(.failed(error))
        }
    }
}
