import Foundation
import Testing

extension ToolTests {
    /// What went wrong is one line on stderr and a status of its own.
    @Suite struct ExitStatusTests {
        private func expectOneLine(
            _ arguments: [String],
            status: Int32,
            saying words: String,
            _ location: SourceLocation = #_sourceLocation
        ) async throws {
            let outcome = try await ToolProcess.run(arguments)
            #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: location)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)", sourceLocation: location)
            #expect(outcome.errors.hasPrefix("penstock: "), sourceLocation: location)
            #expect(outcome.errors.contains(words), "\(outcome.errors)", sourceLocation: location)
            #expect(outcome.output.isEmpty, sourceLocation: location)
        }

        @Test(
            "wrong arguments",
            arguments: [
                (["serve", "numbers", "--listen", "nowhere"], "the port is missing"),
                (["relay", "--listen", ":0"], "--to"),
                (["fetch"], "address"),
                (["fetch", ":1", "--limit-rate", "fast"], "a whole number, or one with k, M or G behind it"),
                (["fetch", ":1", "--high", "-1"], "a whole number, or one with k, M or G behind it"),
                (["serve", "numbers", "--grace", "-1"], "--grace is 0 or more"),
                (["serve", "file"], "(see 'penstock serve file --help')"),
                (["fetch", ":1", "--limit-rate", "0"], "--limit-rate"),
                (["serve", "numbers", "--high", "1k", "--low", "2k"], "--low"),
                (["serve", "numbers", "--listen", "tls::1"], "reserved"),
                (["swim"], "swim"),
            ]
        )
        func usage(arguments: [String], words: String) async throws {
            try await expectOneLine(arguments, status: 64, saying: words)
        }

        @Test("a missing file, a directory")
        func missingFile() async throws {
            try await expectOneLine(["serve", "file", "/nonexistent/file"], status: 66, saying: "No such file")
            try await expectOneLine(["serve", "file", "/"], status: 66, saying: "not a regular file")
        }

        @Test("a port in use, a socket in use", arguments: AddressKind.allCases)
        func inUse(kind: AddressKind) async throws {
            let server = try await ToolServer(["serve", "numbers", "--listen", ToolServer.freeAddress(kind)])
            try await expectOneLine(
                ["serve", "numbers", "--listen", server.address],
                status: 71,
                saying: "Address already in use"
            )
            // The second looks whether somebody listens at the socket, and the first may still be about to end that connection.
            #expect([0, 75].contains(try await server.stop().status))
        }

        @Test("a refused connection", arguments: AddressKind.allCases)
        func refused(kind: AddressKind) async throws {
            // An address that was free a moment ago.
            let server = try await ToolServer(["serve", "numbers", "--listen", ToolServer.freeAddress(kind)])
            #expect(try await server.stop().status == 0)
            try await expectOneLine(
                ["fetch", server.address],
                status: 69,
                saying: kind == .tcp ? "Connection refused" : "No such file"
            )
        }

        @Test("a name that cannot be resolved")
        func unknownName() async throws {
            try await expectOneLine(
                ["fetch", "does-not-exist.invalid:1"],
                status: 69,
                saying: "cannot connect to does-not-exist.invalid:1: the name cannot be resolved: "
            )
            try await expectOneLine(
                ["serve", "numbers", "--listen", "does-not-exist.invalid:1"],
                status: 71,
                saying: "cannot listen on does-not-exist.invalid:1: the name cannot be resolved: "
            )
        }

        @Test(
            "the output cannot be created or written",
            .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))
        )
        func output() async throws {
            let server = try await ToolServer(["serve", "numbers", "--listen", ":0"])
            let fetch = ["fetch", server.address, "--send", "100000", "--output"]
            try await expectOneLine(fetch + ["/nonexistent/file"], status: 73, saying: "No such file")
            try await expectOneLine(fetch + ["/dev/full"], status: 74, saying: "No space left")
            #expect(try await server.stop().status == 0)
        }
    }
}
