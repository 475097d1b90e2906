import PenstockNIO

/// A relay: everything that comes in on one address goes out to another, both ways, at the pace of the slower side.
///
///     swift run RelayExample [LISTEN [TO]]     from 127.0.0.1:8000 to 127.0.0.1:1234, unless told otherwise
///     swift run RelayExample --demo
@main
struct RelayExample {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst().filter { $0 != "--demo" }
        let isDemo = CommandLine.arguments.contains("--demo")
        let echo = isDemo ? try await Demo.startEcho() : nil
        let listen = try StreamAddress(arguments.first ?? (isDemo ? ":0" : ":8000"))
        let back = try echo?.address ?? StreamAddress(arguments.count > 1 ? arguments[1] : ":1234")

        let server = try await StreamServer.bind(to: listen)
        server.serve { front in
            Relay.join(front, to: back) { result in
                switch result {
                case .success(let report): print("a connection has ended: \(report)")
                case .failure(let error): print("\(error)")
                }
            }
        }
        print("relaying from \(server.address) to \(back)")
        if let echo {
            try await Demo.run(server.address)
            await server.shutdown()
            await echo.shutdown()
        } else {
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }
}
