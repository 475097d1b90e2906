import NIOCore
import Penstock
import PenstockNIO
import PenstockTesting
import Testing

extension Sockets {
    @Suite struct ShutdownTests {
        @Test("a graceful shutdown drains what is under way and takes nobody new", arguments: SocketFamily.allCases)
        func drains(family: SocketFamily) async throws {
            let size = 3_000_000
            try await Pair.with(family, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                try await pair.subject { $0.write(size) }
                let server = pair.server
                async let shutdown: Void = server.shutdown()
                try await pair.subject.until { $0.transport.snapshot.phase == .draining }
                await #expect(throws: StreamError.self) { try await StreamClient.connect(to: server.address) { _ in } }
                #expect(pair.closed.value == nil)
                let peer = pair.peer
                #expect(try await peer.run { $0.readPattern() } == .init(bytes: size))
                peer.close()
                await shutdown
                #expect(pair.closed.value?.end.isOrderly == true)
            }
        }

        @Test("onShutdown lets a connection come to its own end", arguments: SocketFamily.allCases)
        func ownEnd(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let asked = Signal<Void>()
                try await pair.subject { $0.transport.onShutdown = { asked.tell() } }
                let server = pair.server
                async let shutdown: Void = server.shutdown()
                await asked.wait()
                let phase = try await pair.subject { rig in
                    rig.write(1000)
                    return rig.transport.snapshot.phase
                }
                #expect(phase == .open)
                try await pair.subject { $0.transport.finish() }
                let peer = pair.peer
                #expect(try await peer.run { $0.readPattern() } == .init(bytes: 1000))
                peer.close()
                await shutdown
                #expect(pair.closed.value?.end.isOrderly == true)
            }
        }

        @Test("the deadline aborts what has not ended", arguments: SocketFamily.allCases, [false, true])
        func deadline(family: SocketFamily, hasOwnEnd: Bool) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    if hasOwnEnd { rig.transport.onShutdown = {} }
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(1_000_000)
                }
                await pair.server.shutdown(within: .milliseconds(60))
                let report = await pair.closed.wait()
                #expect(report.end.code == .timedOut)
                #expect(report.end.detail?.contains("0.06") == true)
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .stop])
            }
        }

        @Test(
            "a second shutdown waits for the same end, and abort cuts a shutdown short",
            arguments: SocketFamily.allCases
        )
        func second(family: SocketFamily) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { $0.write(1_000_000) }
                let server = pair.server
                async let first: Void = server.shutdown(within: nil)
                async let second: Void = server.shutdown(within: nil)
                try await pair.subject.until { $0.transport.snapshot.phase == .draining }
                await server.abort(.cancelled)
                _ = await (first, second)
                #expect(await pair.closed.wait().end.code == .cancelled)
                await server.shutdown()
            }
        }

        @Test("a second shutdown with a deadline shortens the first", arguments: SocketFamily.allCases)
        func shorterDeadline(family: SocketFamily) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { $0.write(1_000_000) }
                let server = pair.server
                async let first: Void = server.shutdown(within: nil)
                try await pair.subject.until { $0.transport.snapshot.phase == .draining }
                await server.shutdown(within: .milliseconds(50))
                await first
                let end = await pair.closed.wait().end
                #expect(end.code == .timedOut)
                #expect(end.detail?.contains("0.05") == true)
            }
        }

        @Test(
            "a server that never served shuts down, and those who waited are let go",
            arguments: SocketFamily.allCases
        )
        func neverServed(family: SocketFamily) async throws {
            let server = try await StreamServer.bind(to: family.freshAddress())
            let waiting = try await RawSocket.connect(to: server.address)
            await server.shutdown()
            #expect(try await waiting.run { $0.readPattern() }.bytes == 0)
        }

        @Test("abort ends every connection with a reset", arguments: SocketFamily.allCases)
        func abort(family: SocketFamily) async throws {
            let server = try await StreamServer.bind(to: family.freshAddress())
            let served = Signal<Void>()
            server.serve { _ in served.tell() }
            let peer = try await RawSocket.connect(to: server.address)
            await served.wait()
            await server.abort()
            #expect(try await server.connectionCount == 0)
            let tail = try await peer.run { $0.readPattern() }
            #expect(tail.ending == (family == .tcp ? .reset : .finished))
        }
    }
}
