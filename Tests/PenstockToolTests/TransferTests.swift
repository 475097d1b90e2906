import Foundation
import Testing

extension ToolTests {
    /// Files and long answers, to their end or not.
    @Suite struct TransferTests {
        @Test("a file arrives byte for byte, through a relay and at a limited rate, too")
        func file() async throws {
            let directory = try TemporaryDirectory()
            let source = directory.path("source")
            let content = Data((0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 11) })
            try content.write(to: source)
            let server = try await ToolServer(["serve", "file", source.path, "--listen", ToolServer.freeAddress(.unix)])
            let relay = try await ToolServer(["relay", "--listen", ":0", "--to", server.address, "--chunk", "4k"])
            for (address, rate) in [(server.address, "100M"), (relay.address, "6M")] {
                let copy = directory.path("copy")
                let outcome = try await ToolProcess.run(
                    ["fetch", address, "--output", copy.path, "--limit-rate", rate]
                )
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.errors.contains("received 3,000,001 bytes"))
                #expect(try Data(contentsOf: copy) == content)
            }
            #expect(try await relay.stop().status == 0)
            #expect(try await server.stop().output.contains("2 connections, 0 B in, 5.7 MiB out, 0 incomplete"))
        }

        @Test("an empty file arrives as an empty file")
        func emptyFile() async throws {
            let directory = try TemporaryDirectory()
            let source = directory.path("empty")
            try Data().write(to: source)
            let copy = directory.path("copy")
            let server = try await ToolServer(["serve", "file", source.path, "--listen", ":0"])
            let outcome = try await ToolProcess.run(["fetch", server.address, "--output", copy.path, "--quiet"])
            #expect(outcome.status == 0)
            #expect(outcome.errors.isEmpty)
            #expect(try Data(contentsOf: copy).isEmpty)
            #expect(try await server.stop().status == 0)
        }

        @Test("a file that becomes shorter while it is served is incomplete at both ends")
        func truncatedFile() async throws {
            let directory = try TemporaryDirectory()
            let source = directory.path("source")
            // Far more than the kernel's buffers swallow.
            try (Data("the first line\n".utf8) + Data(count: 64 << 20)).write(to: source)
            let server = try await ToolServer(["serve", "file", source.path, "--listen", ":0"])
            let fetch = try ToolProcess(["fetch", server.address, "--limit-rate", "4M"])
            #expect(await fetch.nextLine() == "the first line")
            #expect(truncate(source.path, 1 << 20) == 0)
            let fetched = try await fetch.outcome()
            #expect(fetched.status == 75, "\(fetched.errors)")
            let served = try await server.stop()
            #expect(served.output.contains(" 1 incomplete"), "\(served.output)")
            #expect(served.errors.contains("of the 67108879 bytes expected"), "\(served.errors)")
        }

        @Test("SIGTERM drains: what is under way arrives to the end, and a client that asked for nothing is sent away")
        func drain() async throws {
            let server = try await ToolServer(["serve", "numbers", "--listen", ":0"])
            let idle = try ToolProcess(["relay", "--listen", ":0", "--to", server.address])
            let relayLine = try #require(await idle.nextLine())
            #expect(relayLine.hasPrefix("listening on "))
            let fetch = try ToolProcess(["fetch", server.address, "--send", "300000", "--limit-rate", "1M"])
            #expect(await fetch.nextLine() == "How many random integers do you want?\r")
            // The answer has begun: it takes more than a second.
            #expect(await fetch.nextLine() != nil)
            server.process.signal(SIGTERM)
            let fetched = try await fetch.outcome()
            #expect(fetched.status == 0, "\(fetched.errors)")
            #expect(fetched.output.split(separator: "\r\n").count == 299_999)
            let served = try await server.process.outcome()
            #expect(served.status == 0)
            #expect(served.output.contains("served 1 connection,"))
            #expect(served.output.contains(" 0 incomplete"))
            idle.signal(SIGINT)
            #expect(try await idle.outcome().status == 0)
        }

        @Test("a second signal aborts, and the client knows that its transfer is incomplete")
        func secondSignal() async throws {
            let server = try await ToolServer(["serve", "numbers", "--listen", ":0"])
            let fetch = try ToolProcess(["fetch", server.address, "--send", "900000000", "--limit-rate", "100k"])
            #expect(await fetch.nextLine() != nil)
            #expect(await fetch.nextLine() != nil)
            server.process.signal(SIGINT)
            // A pending signal is delivered once: the second is sent when the first has been seen.
            #expect(await server.process.says("draining"))
            server.process.signal(SIGTERM)
            let served = try await server.process.outcome()
            #expect(served.status == 143)
            #expect(served.output.contains(" 1 incomplete"))
            let fetched = try await fetch.outcome()
            #expect(fetched.status == 75, "\(fetched.errors)")
            #expect(fetched.errorLines.last?.contains("the transfer is incomplete after") == true)
        }

        @Test("what has not ended in time is cut off, and the exit status says so")
        func graceExpires() async throws {
            let server = try await ToolServer(["serve", "numbers", "--listen", ":0", "--grace", "0"])
            let fetch = try ToolProcess(["fetch", server.address, "--send", "900000000", "--limit-rate", "100k"])
            #expect(await fetch.nextLine() != nil)
            #expect(await fetch.nextLine() != nil)
            let served = try await server.stop()
            #expect(served.status == 75, "\(served.errors)")
            #expect(served.output.contains(" 1 incomplete"))
            #expect(try await fetch.outcome().status == 75)
        }

        @Test("an interrupted fetch says so")
        func interruptedFetch() async throws {
            let server = try await ToolServer(["serve", "numbers", "--listen", ":0"])
            let fetch = try ToolProcess(["fetch", server.address, "--send", "900000000", "--limit-rate", "100k"])
            #expect(await fetch.nextLine() != nil)
            fetch.signal(SIGINT)
            let fetched = try await fetch.outcome()
            #expect(fetched.status == 130)
            #expect(fetched.errorLines.last?.contains("interrupted after") == true)
            // Whether the server learns of the reset before or during its drain is up to the kernel.
            #expect(try await server.stop().output.contains("served 1 connection,"))
        }

        @Test("--verbose logs each pause and resume with the level")
        func verbose() async throws {
            let server = try await ToolServer([
                "serve", "numbers", "--listen", ":0", "--verbose", "--high", "4k", "--chunk", "1k",
            ])
            let fetched = try await ToolProcess.run(["fetch", server.address, "--send", "100000", "--quiet"])
            #expect(fetched.status == 0)
            let served = try await server.stop()
            #expect(served.errorLines.contains { $0.contains(": paused, level ") && $0.hasSuffix(" above 4096") })
            #expect(served.errorLines.contains { $0.contains(": resumed, level ") })
        }

        @Test("a relay logs each connection, and pauses of either direction")
        func verboseRelay() async throws {
            let server = try await ToolServer(["serve", "numbers", "--listen", ":0"])
            let address = ToolServer.freeAddress(.unix)
            let relay = try await ToolServer([
                "relay", "--listen", address, "--to", server.address, "--verbose", "--high", "4k",
            ])
            let fetched = try await ToolProcess.run(["fetch", address, "--send", "1000000", "--quiet"])
            #expect(fetched.status == 0)
            let lines = try await relay.stop().errorLines
            #expect(lines.contains("#1: connected"))
            #expect(lines.contains("#1: connected to \(server.address)"))
            #expect(lines.contains { $0.hasPrefix("#1 \u{2190}: paused, level ") })
            #expect(lines.contains { $0.hasPrefix("#1 \u{2192}: ended: finished; accepted 1 element of weight 73") })
            #expect(lines.contains { $0.hasPrefix("#1: closed: \u{2192} 9 bytes; \u{2190} ") })
            #expect(try await server.stop().status == 0)
        }

        @Test("a relay to nobody resets its client and says why")
        func relayToNobody() async throws {
            let relay = try await ToolServer(
                ["relay", "--listen", ":0", "--to", "unix:/nonexistent/socket"]
            )
            let fetched = try await ToolProcess.run(["fetch", relay.address, "--quiet"])
            // Incomplete; or not even connected, if the reset is quicker than the client.
            #expect([69, 75].contains(fetched.status), "\(fetched.errors)")
            let outcome = try await relay.stop()
            #expect(outcome.errors.contains("penstock: 127.0.0.1:"))
            #expect(outcome.errors.contains(": cannot connect to unix:/nonexistent/socket: No such file"))
        }
    }
}
