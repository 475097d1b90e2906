import NIOCore
import NIOPosix
import Penstock
import Synchronization
import Testing

@testable import PenstockNIO

extension Sockets {
    @Suite struct ServerTests {
        @Test(
            "a client fetches from a server over IPv4, by name and over a UNIX socket",
            arguments: ["127.0.0.1:0", "localhost:0", ":0", "unix"]
        )
        func families(text: String) async throws {
            let address = try text == "unix" ? SocketFamily.unix.freshAddress() : StreamAddress(text)
            let server = try await StreamServer.bind(to: address)
            server.servePattern(1_000_000)
            #expect(text == "unix" || (server.address.port ?? 0) > 0)
            let target =
                text == "localhost:0"
                ? StreamAddress.tcp(host: "localhost", port: server.address.port ?? 0) : server.address
            let (bytes, isIntact, end) = try await fetchPattern(from: target)
            #expect(bytes == 1_000_000)
            #expect(isIntact)
            #expect(end.isOrderly)
            await server.shutdown()
        }

        @Test("a client fetches from a server over IPv6", .enabled(if: hasIPv6))
        func fetchOverVersion6() async throws {
            let server = try await StreamServer.bind(to: "[::1]:0")
            server.servePattern(100_000)
            #expect(server.address.description.hasPrefix("[::1]:"))
            #expect(try await fetchPattern(from: server.address).bytes == 100_000)
            await server.shutdown()
        }

        @Test("a name that nobody knows is told as that, to a client and to a server")
        func unknownName() async throws {
            // Reserved for this (RFC 6761).
            let address = StreamAddress.tcp(host: "does-not-exist.invalid", port: 1)
            var error = await #expect(throws: StreamError.self) { try await StreamClient.connect(to: address) { _ in } }
            #expect(error?.operation == .connect)
            #expect(error?.address == address)
            let words = "does-not-exist.invalid:1: the name cannot be resolved: "
            #expect(error?.description.contains("cannot connect to \(words)") == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("Error") == false, "\(error?.description ?? "")")
            error = await #expect(throws: StreamError.self) { try await StreamServer.bind(to: address) }
            #expect(error?.operation == .listen)
            #expect(error?.description.contains("cannot listen on \(words)") == true, "\(error?.description ?? "")")
        }

        @Test("the socket file of a server that is gone is replaced")
        func staleFile() async throws {
            let address = try SocketFamily.unix.freshAddress()
            try RawSocket.listen(on: address).socket.close()
            let server = try await StreamServer.bind(to: address)
            server.servePattern(1000)
            #expect(try await fetchPattern(from: address).bytes == 1000)
            await server.shutdown()
            // And a server that ends in order leaves no file.
            #expect(!TemporaryDirectory.exists(address))
        }

        @Test("an address in use is refused, and its server is left alone", arguments: SocketFamily.allCases)
        func inUse(family: SocketFamily) async throws {
            let server = try await StreamServer.bind(to: family.freshAddress())
            server.servePattern(1000)
            let error = await #expect(throws: StreamError.self) { try await StreamServer.bind(to: server.address) }
            #expect(error?.operation == .listen)
            #expect(error?.address == server.address)
            #expect(error?.description.contains("Address already in use") == true)
            #expect(try await fetchPattern(from: server.address).bytes == 1000)
            await server.shutdown()
        }

        @Test("a file that is no socket is neither replaced nor removed")
        func ordinaryFile() async throws {
            let path = try TemporaryDirectory.shared.file(ByteBuffer(string: "precious"))
            await #expect(throws: StreamError.self) { try await StreamServer.bind(to: .unix(path: path)) }
            #expect(TemporaryDirectory.exists(.unix(path: path)))
        }

        @Test("where nobody listens a client is refused", arguments: SocketFamily.allCases)
        func refused(family: SocketFamily) async throws {
            let (nobody, address) = try RawSocket.listen(on: family.freshAddress())
            nobody.close()
            let error = await #expect(throws: StreamError.self) { try await StreamClient.connect(to: address) { _ in } }
            #expect(error?.operation == .connect)
            #expect(error?.description == "cannot connect to \(address): Connection refused")
        }

        @Test("a host without an answer meets the connect timeout")
        func connectTimeout() async throws {
            // A queue that is full drops further attempts.
            let (listener, address) = try RawSocket.listen(on: .tcp(host: "127.0.0.1", port: 0), backlog: 0)
            let first = try await RawSocket.connect(to: address)
            let error = await #expect(throws: StreamError.self) {
                try await StreamClient.connect(to: address, connectTimeout: .milliseconds(60)) { $0.abort(.cancelled) }
                try await StreamClient.connect(to: address, connectTimeout: .milliseconds(60)) { $0.abort(.cancelled) }
            }
            #expect(error?.description.contains("no answer within 0.06") == true)
            withExtendedLifetime((listener, first)) {}
        }

        @Test(
            "what a client's closure throws aborts the connection and reaches the caller",
            arguments: SocketFamily.allCases
        )
        func throwingClosure(family: SocketFamily) async throws {
            let (listener, address) = try RawSocket.listen(on: family.freshAddress())
            let error = await #expect(throws: ChannelError.self) {
                try await StreamClient.connect(to: address) { _ in throw ChannelError.eof }
            }
            #expect(error == .eof)
            let tail = try await listener.accept().run { $0.readPattern() }
            #expect(tail == .init(ending: family == .tcp ? .reset : .finished))
        }

        @Test("a client is put on the loop it was given")
        func givenLoop() async throws {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 3)
            let server = try await StreamServer.bind(to: "127.0.0.1:0")
            server.servePattern(1000)
            for loop in group.makeIterator() {
                #expect(try await fetchPattern(from: server.address, on: loop).bytes == 1000)
            }
            await server.shutdown()
            try await group.shutdownGracefully()
        }

        @Test(
            "connections above the limit wait in the kernel, and are served when others leave",
            arguments: SocketFamily.allCases
        )
        func connectionLimit(family: SocketFamily) async throws {
            struct Count {
                var now = 0
                var most = 0
                var all = 0
            }
            let count = Mutex(Count())
            let full = Signal<Void>()
            let clients = 12
            var configuration = StreamServerConfiguration()
            configuration.connectionLimit = 3
            let server = try await StreamServer.bind(to: family.freshAddress(), configuration: configuration)
            server.serve { transport in
                count.withLock { count in
                    count.now += 1
                    count.all += 1
                    count.most = max(count.most, count.now)
                    if count.now == 3 { full.tell() }
                }
                transport.onClose = { _ in count.withLock { $0.now -= 1 } }
                transport.write(Pattern.bytes(1000))
            }
            // All are connected, as far as they know, and the server has all it may have, before the first leaves.
            var sockets: [RawSocket] = []
            for _ in 0..<clients { sockets.append(try await RawSocket.connect(to: server.address)) }
            await full.wait()
            try await withThrowingTaskGroup { group in
                for socket in sockets {
                    group.addTask {
                        try await socket.run { socket in
                            let tail = socket.readPattern(1000)
                            socket.reset()
                            return tail.bytes
                        }
                    }
                }
                for try await bytes in group { #expect(bytes == 1000) }
            }
            await server.shutdown()
            #expect(count.withLock { $0.all } == clients)
            #expect(count.withLock { $0.most } == 3)
        }

        @Test("nothing is accepted before serve, and what waited is served then", arguments: SocketFamily.allCases)
        func serveLater(family: SocketFamily) async throws {
            let server = try await StreamServer.bind(to: family.freshAddress())
            let early = try await RawSocket.connect(to: server.address)
            #expect(try await server.connectionCount == 0)
            server.servePattern(1000)
            #expect(try await early.run { $0.readPattern() } == .init(bytes: 1000))
            #expect(try await server.connectionCount == 1)
            early.close()
            await server.shutdown()
        }

        private static let hasIPv6: Bool = {
            let address: StreamAddress = "[::1]:0"
            guard let target = address.socketAddress else { return false }
            let descriptor = systemSocket(version6)
            guard descriptor >= 0 else { return false }
            defer { systemClose(descriptor) }
            return target.withSockAddr { systemBind(descriptor, $0, .init($1)) } == 0
        }()
    }
}
