import Foundation
import Testing

extension ToolTests {
    /// Clients of another make hold the dialogue with the numbers server, directly and through a relay.
    @Suite struct DialogueTests {
        struct Route: CustomTestStringConvertible {
            var server: AddressKind
            /// How the client reaches the relay before the server; nil for none.
            var relay: AddressKind?

            var testDescription: String {
                relay.map { "\($0.rawValue) relay to \(server.rawValue)" } ?? server.rawValue
            }

            static let all = [
                Route(server: .tcp), Route(server: .unix),
                Route(server: .tcp, relay: .tcp), Route(server: .tcp, relay: .unix), Route(server: .unix, relay: .tcp),
            ]
        }

        /// Sends a text, ends its side if it is told to, and prints everything that comes until the end.
        private static let pythonClient = """
            import socket, sys
            address, text, ends = sys.argv[1:4]
            if address.startswith("unix:"):
                s = socket.socket(socket.AF_UNIX)
                s.connect(address[5:])
            else:
                host, port = address.rsplit(":", 1)
                s = socket.create_connection((host, int(port)))
            s.settimeout(60)
            s.sendall(text.encode())
            if ends == "yes": s.shutdown(socket.SHUT_WR)
            while True:
                data = s.recv(65536)
                if not data: break
                sys.stdout.buffer.write(data)
            """

        @Test(
            "Python's socket",
            .enabled(if: ToolProcess.find("python3") != nil),
            arguments: Route.all
        )
        func python(route: Route) async throws {
            let python = try #require(ToolProcess.find("python3"))
            try await withServers(route) { address in
                let plain = ["-c", Self.pythonClient, address]
                check(try await ToolProcess.run(plain + ["200000\r\n", "no"], of: python), count: 200_000)
                check(try await ToolProcess.run(plain + ["70\n30\n", "no"], of: python), count: 100)
                // An unterminated last line before the end of the input.
                check(try await ToolProcess.run(plain + ["15", "yes"], of: python), count: 15)
                let invalid = try await ToolProcess.run(plain + ["many\r\n2\r\n", "no"], of: python)
                #expect(invalid.output.contains("That is not a whole number from 0 to 1000000000000.\r\n"))
                #expect(invalid.output.components(separatedBy: "How many random").count == 3)
                let long = try await ToolProcess.run(plain + [String(repeating: "1", count: 2000), "no"], of: python)
                #expect(long.output.hasSuffix("?\r\nA line has at most 1024 bytes.\r\n"))
            }
        }

        @Test("socat", .enabled(if: ToolProcess.find("socat") != nil), arguments: Route.all)
        func socat(route: Route) async throws {
            let socat = try #require(ToolProcess.find("socat"))
            try await withServers(route) { address in
                let peer = address.hasPrefix("unix:") ? "UNIX-CONNECT:\(address.dropFirst(5))" : "TCP:\(address)"
                // It ends its side at the end of its input and then waits up to a minute for the other.
                let arguments = ["-t60", "-", peer]
                check(try await ToolProcess.run(arguments, of: socat, input: "100000\n"), count: 100_000)
                check(try await ToolProcess.run(arguments, of: socat, input: "7\r\n8\n"), count: 15)
                check(try await ToolProcess.run(arguments, of: socat, input: "16"), count: 16)
            }
        }

        private func check(_ outcome: ToolProcess.Outcome, count: Int, _ location: SourceLocation = #_sourceLocation) {
            #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: location)
            let lines = outcome.output.components(separatedBy: "\r\n")
            #expect(lines.first == "How many random integers do you want?", sourceLocation: location)
            #expect(lines.last == "", sourceLocation: location)
            #expect(lines.count == count + 2, sourceLocation: location)
            let areNumbers = lines.dropFirst().dropLast().allSatisfy { (0...9999).contains(Int($0) ?? -1) }
            #expect(areNumbers, sourceLocation: location)
        }

        /// Both must end in order, with a summary that knows of nothing incomplete.
        private func withServers(_ route: Route, _ body: (String) async throws -> Void) async throws {
            let server = try await ToolServer(["serve", "numbers", "--listen", ToolServer.freeAddress(route.server)])
            if let kind = route.relay {
                let relay = try await ToolServer(
                    ["relay", "--listen", ToolServer.freeAddress(kind), "--to", server.address]
                )
                try await body(relay.address)
                let outcome = try await relay.stop()
                #expect(outcome.status == 0)
                #expect(outcome.output.contains(" 0 incomplete"), "\(outcome.output)")
            } else {
                try await body(server.address)
            }
            let outcome = try await server.stop()
            #expect(outcome.status == 0)
            #expect(outcome.output.contains(" 0 incomplete"), "\(outcome.output)")
        }
    }
}
