import NIOCore
import NIOPosix
import Penstock
import Testing

@testable import PenstockNIO

extension Sockets {
    /// What a handler sees of its connection, and where it runs.
    @Suite struct ReadingAndWritingTests {
        @Test(
            "the handler runs on the event loop of its connection, behind every read and write",
            arguments: SocketFamily.allCases
        )
        func onTheLoop(family: SocketFamily) async throws {
            let report = try await withServer(family) { connection in
                func check() {
                    connection.eventLoop.preconditionInEventLoop()
                    connection.preconditionIsolated()
                }
                check()
                connection.shrinkSendBuffer()
                for try await chunk in connection.inbound {
                    check()
                    try await connection.write(chunk)
                    check()
                }
                check()
                try await connection.finish()
                check()
            } _: { server in
                let size = 2_000_000
                let count = try await StreamClient.withConnection(to: server.address) { connection in
                    try await withThrowingTaskGroup { group in
                        group.addTask {
                            try await connection.writePattern(size)
                            try await connection.finishWriting()
                        }
                        var count = 0
                        for try await chunk in connection.inbound {
                            connection.preconditionIsolated()
                            #expect(Pattern.matches(chunk, from: count))
                            count += chunk.readableBytes
                        }
                        try await group.waitForAll()
                        return count
                    }
                }
                #expect(count == size)
            }
            #expect(report == StreamServer.RunReport(connections: 1, failures: 0))
        }

        @Test("the handler runs elsewhere if that is asked for")
        func elsewhere() async throws {
            let server = try await StreamServer.bind(to: ":0")
            let task = Task {
                try await server.run(handlersOn: globalConcurrentExecutor) { connection in
                    #expect(!connection.eventLoop.inEventLoop)
                    for try await chunk in connection.inbound {
                        #expect(!connection.eventLoop.inEventLoop)
                        try await connection.write(chunk)
                        #expect(!connection.eventLoop.inEventLoop)
                    }
                }
            }
            let text = try await StreamClient.withConnection(
                to: server.address,
                handlerOn: globalConcurrentExecutor
            ) { connection in
                #expect(!connection.eventLoop.inEventLoop)
                try await connection.write(ByteBuffer(string: "there and back"))
                try await connection.finishWriting()
                return try await connection.inbound.reduce(into: "") { $0 += String(buffer: $1) }
            }
            #expect(text == "there and back")
            task.cancel()
            #expect(try await task.value == StreamServer.RunReport(connections: 1, failures: 0))
        }

        @Test("reader and writer are two child tasks, and one reader is all there is")
        func childTasks() async throws {
            let report = try await withServer(.tcp) { connection in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await connection.writePattern(500_000) }
                    group.addTask {
                        var count = 0
                        for try await chunk in connection.inbound {
                            #expect(Pattern.matches(chunk, from: count))
                            if count == 0 {
                                await #expect(throws: DoorError.alreadyReading) { try await connection.read() }
                                await #expect(throws: DoorError.alreadyReading) {
                                    for try await _ in connection.inbound {}
                                }
                            }
                            count += chunk.readableBytes
                        }
                        #expect(count == 400_000)
                    }
                    try await group.waitForAll()
                }
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address)
                async let sent = peer.run { peer in
                    defer { peer.finishWriting() }
                    return peer.write(Pattern.bytes(400_000))
                }
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail(bytes: 500_000))
                #expect(try await sent == 400_000)
                peer.close()
            }
            #expect(report.failures == 0)
        }

        @Test("several tasks write in the order in which they came (C3.7)")
        func order() async throws {
            let report = try await withServer(.unix) { connection in
                connection.shrinkSendBuffer()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (number, chunk) in Pattern.chunks(2_000_000, of: 20_000).enumerated() {
                        let isUnderWay = Signal<Void>()
                        group.addTask {
                            try await connection.write(chunk, after: { isUnderWay.tell() })
                        }
                        await isUnderWay.wait()
                        if number == 50 { #expect(connection.writesUnderWay > 0) }
                    }
                    try await group.waitForAll()
                }
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address)
                try await peer.run { $0.waitForInput() }
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail(bytes: 2_000_000))
                peer.close()
            }
            #expect(report.failures == 0)
        }

        @Test(
            "a loop that is left early ends reading; later input is discarded and counted, and writing goes on (C7.7)"
        )
        func leftEarly() async throws {
            let report = try await withServer(.tcp) { connection in
                var first = 0
                for try await chunk in connection.inbound {
                    first = chunk.readableBytes
                    break
                }
                await #expect(throws: EndReason.self) { try await connection.read() }
                try await connection.write(ByteBuffer(string: "enough"))
                while connection.snapshot.bytesReceived < 300_000 { try await Task.sleep(for: .milliseconds(1)) }
                let snapshot = connection.snapshot
                #expect(first > 0)
                #expect(snapshot.bytesDiscarded == 300_000 - first)
                #expect(snapshot.inbound?.level == 0)
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address)
                _ = try await peer.run { $0.write(Pattern.bytes(300_000)) }
                #expect(try await peer.run { $0.readText(6) } == "enough")
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail())
                peer.close()
            }
            #expect(report.failures == 0)
        }

        @Test(
            "cancelling the task that reads hangs nothing; the connection goes on writing (swift-nio 3472)",
            arguments: SocketFamily.allCases
        )
        func cancelledReader(family: SocketFamily) async throws {
            let report = try await withServer(family) { connection in
                let reader = Task {
                    for try await _ in connection.inbound {}
                }
                while connection.snapshot.bytesReceived == 0 { try await Task.sleep(for: .milliseconds(1)) }
                reader.cancel()
                await #expect(throws: CancellationError.self) { try await reader.value }
                // Both are cancelled before they begin to wait, and while they do.
                let second = Task { try await connection.read() }
                second.cancel()
                await #expect(throws: (any Error).self) { try await second.value }
                try await connection.writePattern(100_000)
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address)
                _ = try await peer.run { $0.write("here") }
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail(bytes: 100_000))
                peer.close()
            }
            #expect(report.failures == 0)
        }

        @Test("a single read that is cancelled takes nothing, and the next one gets it")
        func cancelledRead() async throws {
            let isCancelled = Signal<Void>()
            let report = try await withServer(.tcp) { connection in
                let reader = Task { try await connection.read() }
                while connection.reader == nil { await Task.yield() }
                reader.cancel()
                await #expect(throws: CancellationError.self) { try await reader.value }
                isCancelled.tell()
                let text = try await connection.read().map { String(buffer: $0) }
                #expect(text == "hello")
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address)
                await isCancelled.wait()
                _ = try await peer.run { $0.write("hello") }
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail())
                peer.close()
            }
            #expect(report.failures == 0)
        }

        @Test("a loop that is refused because somebody reads leaves that one alone")
        func refusedLoop() async throws {
            let isRefused = Signal<Void>()
            let report = try await withServer(.tcp) { connection in
                async let text = connection.read().map { String(buffer: $0) }
                while connection.reader == nil { await Task.yield() }
                await #expect(throws: DoorError.alreadyReading) { for try await _ in connection.inbound {} }
                isRefused.tell()
                let (first, second) = (try await text, try await connection.read())
                #expect(first == "hello")
                #expect(second == nil)
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address)
                await isRefused.wait()
                _ = try await peer.run { $0.write("hello") }
                peer.finishWriting()
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail())
                peer.close()
            }
            #expect(report.failures == 0)
        }

        @Test("a reset is told behind the bytes that arrived before")
        func reset() async throws {
            let failures = Failures()
            let hasRead = Signal<Void>()
            let report = try await withServer(.tcp, failures: failures) { connection in
                for try await chunk in connection.inbound {
                    #expect(String(buffer: chunk) == "almost")
                    hasRead.tell()
                }
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address)
                _ = try await peer.run { $0.write("almost") }
                await hasRead.wait()
                peer.reset()
                while failures.all.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            }
            #expect(report.failures == 1)
            #expect((failures.all.first as? EndReason)?.code == .lost)
        }

        @Test("the transport is lent: sources and consumers attach to it")
        func transport() async throws {
            let report = try await withServer(.tcp) { connection in
                try await connection.write(ByteBuffer())
                try connection.withTransport { transport in
                    let source = SequenceSource(Pattern.chunks(300_000, of: 10_000), scheduler: transport.scheduler)
                    try source.attach(to: transport, atEnd: .leaveOpen, done: { _ in })
                    try transport.attach(to: NullConsumer<ByteBuffer>(scheduler: transport.scheduler))
                }
                await #expect(throws: RegistrationError.alreadyRegistered) {
                    try await connection.write(ByteBuffer(string: "x"))
                }
                await #expect(throws: RegistrationError.alreadyAttached) { try await connection.read() }
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address)
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail(bytes: 300_000))
                peer.close()
            }
            #expect(report.failures == 0)
        }

        @Test("two connections are relayed, in a handler that is all but empty", arguments: SocketFamily.allCases)
        func relay(family: SocketFamily) async throws {
            let reported = Signal<RelayReport>()
            try await withServer(family) { connection in
                for try await chunk in connection.inbound { try await connection.write(chunk) }
            } _: { back in
                let report = try await withServer(family) { front in
                    try await StreamClient.withConnection(to: back.address) { other in
                        reported.tell(try await front.relay(to: other))
                    }
                } _: { server in
                    let peer = try await RawSocket.connect(to: server.address)
                    async let sent: Void = peer.run { peer in
                        peer.write(Pattern.bytes(1_000_000))
                        peer.finishWriting()
                    }
                    #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail(bytes: 1_000_000))
                    try await sent
                    peer.close()
                    let relayed = await reported.wait()
                    #expect(relayed.isComplete)
                    #expect(relayed.frontToBack.bytesIn == 1_000_000)
                }
                #expect(report.failures == 0)
            }
        }
    }
}

extension Connection {
    /// Writes, and tells when the write has its place among the others.
    fileprivate func write(_ bytes: ByteBuffer, after begun: @Sendable () -> Void) async throws {
        begun()
        try await write(bytes)
    }
}
