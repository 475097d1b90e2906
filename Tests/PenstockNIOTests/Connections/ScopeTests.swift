import NIOCore
import NIOPosix
import Penstock
import Testing

@testable import PenstockNIO

extension Sockets {
    /// Leaving the scope in order: nothing that was accepted is lost, whatever the peer does.
    @Suite struct ScopeTests {
        @Test(
            "returning right behind a write loses nothing, though the peer reads late (swift-nio 2795, 2757)",
            arguments: SocketFamily.allCases,
            [1, 40_000, 3_000_000]
        )
        func returnBehindWrite(family: SocketFamily, size: Int) async throws {
            let failures = Failures()
            let written = Signal<Void>()
            let report = try await withServer(family, failures: failures) { connection in
                connection.shrinkSendBuffer()
                try await connection.writePattern(size - size / 2)
                // The rest in one piece, which nobody has taken when the handler returns.
                try await connection.write(Pattern.bytes(size / 2, from: size - size / 2))
                written.tell()
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                if size <= 40_000 { await written.wait() }
                let tail = try await peer.run { $0.readPattern() }
                #expect(tail == RawSocket.Tail(bytes: size))
                peer.close()
            }
            #expect(report == StreamServer.RunReport(connections: 1, failures: 0))
            #expect(failures.all.isEmpty)
        }

        @Test(
            "half-close waits for every accepted byte, and reading goes on behind it (swift-nio 3139)",
            arguments: SocketFamily.allCases
        )
        func halfClose(family: SocketFamily) async throws {
            let delivery = Signal<Connection.Delivery>()
            let answer = Signal<String>()
            let report = try await withServer(family) { connection in
                connection.shrinkSendBuffer()
                try await connection.write(Pattern.bytes(1_000_000))
                delivery.tell(try await connection.finishWriting())
                await #expect(throws: DoorError.writerFinished) {
                    try await connection.write(ByteBuffer(string: "more"))
                }
                var text = ""
                for try await chunk in connection.inbound { text += String(buffer: chunk) }
                answer.tell(text)
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail(bytes: 1_000_000))
                #expect(await delivery.wait().bytesSent == 1_000_000)
                _ = try await peer.run { $0.write("thanks") }
                peer.close()
                #expect(await answer.wait() == "thanks")
            }
            #expect(report.failures == 0)
        }

        @Test("the peer finishes first: the loop ends, and writing still works", arguments: SocketFamily.allCases)
        func writeBehindInboundEnd(family: SocketFamily) async throws {
            let report = try await withServer(family) { connection in
                connection.shrinkSendBuffer()
                var count = 0
                for try await chunk in connection.inbound { count += chunk.readableBytes }
                try await connection.writePattern(count)
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                let tail = try await peer.run { peer in
                    peer.write(Pattern.bytes(500_000))
                    peer.finishWriting()
                    return peer.readPattern()
                }
                #expect(tail == RawSocket.Tail(bytes: 500_000))
            }
            #expect(report.failures == 0)
        }

        @Test("finishing goes behind the writes that wait", arguments: SocketFamily.allCases, [true, false])
        func finishBehindWrites(family: SocketFamily, isHalf: Bool) async throws {
            let hasBegun = Signal<Void>()
            let report = try await withServer(family) { connection in
                connection.shrinkSendBuffer()
                // Each has its place before the next one is made; all but the first wait.
                for (number, chunk) in Pattern.chunks(2_000_000, of: 100_000).enumerated() {
                    Task { try await connection.write(chunk) }
                    while connection.writesUnderWay < number { await Task.yield() }
                }
                hasBegun.tell()
                let delivery = isHalf ? try await connection.finishWriting() : try await connection.finish()
                #expect(delivery == Connection.Delivery(bytesAccepted: 2_000_000, bytesSent: 2_000_000))
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                await hasBegun.wait()
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail(bytes: 2_000_000))
                peer.close()
            }
            #expect(report.failures == 0)
        }

        @Test("unread input does not destroy what was sent (C6.3)", arguments: SocketFamily.allCases)
        func unreadInput(family: SocketFamily) async throws {
            let hasInput = Signal<Void>()
            let report = try await withServer(family) { connection in
                connection.shrinkSendBuffer()
                #expect(try await connection.read() != nil)
                await hasInput.wait()
                try await connection.write(Pattern.bytes(200_000))
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                let tail = try await peer.run { peer in
                    peer.write(Pattern.bytes(150_000))
                    hasInput.tell()
                    // More comes while the server is finishing.
                    peer.write(Pattern.bytes(50_000))
                    return peer.readPattern()
                }
                #expect(tail == RawSocket.Tail(bytes: 200_000))
            }
            #expect(report.failures == 0)
        }

        @Test(
            "a client's scope returns its value, and closes the descriptor before that",
            arguments: SocketFamily.allCases
        )
        func client(family: SocketFamily) async throws {
            let (listener, address) = try RawSocket.listen(on: family.freshAddress())
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            async let answered: RawSocket.Tail = {
                let peer = try await listener.accept()
                let tail = try await peer.run { peer in
                    let tail = peer.readPattern()
                    peer.write("bye")
                    return tail
                }
                peer.close()
                return tail
            }()
            let remembered = Signal<any Channel>()
            let text = try await StreamClient.withConnection(to: address, on: loop) { connection in
                remembered.tell(connection.withTransport { $0.channel })
                try await connection.writePattern(300_000)
                try await connection.finishWriting()
                var text = ""
                for try await chunk in connection.inbound { text += String(buffer: chunk) }
                return text
            }
            #expect(text == "bye")
            #expect(await remembered.wait().isActive == false)
            #expect(try await answered == RawSocket.Tail(bytes: 300_000))
        }

        @Test(
            "a peer that takes nothing: the error says how many bytes were not handed over",
            arguments: SocketFamily.allCases
        )
        func deadline(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.finishDeadline = .milliseconds(50)
            let failures = Failures()
            let accepted = Signal<Int>()
            let report = try await withServer(family, configuration, failures: failures) { connection in
                connection.shrinkSendBuffer()
                // One decision however large, so that it is accepted although the peer takes nothing.
                try await connection.write(contentsOf: Pattern.chunks(3_000_000, of: 100_000))
                accepted.tell(connection.snapshot.bytesAccepted)
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                #expect(await accepted.wait() == 3_000_000)
                while failures.all.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
                let tail = try await peer.run { $0.readPattern() }
                #expect(tail.isIntact)
                #expect(tail.bytes < 3_000_000)
                if family == .tcp { #expect(tail.ending == .reset) }
            }
            #expect(report == StreamServer.RunReport(connections: 1, failures: 1))
            let error = try #require(failures.all.first as? ConnectionError)
            #expect(error.end.code == .timedOut)
            #expect(error.delivery.bytesAccepted == 3_000_000)
            #expect(error.delivery.bytesDropped > 0)
            #expect(error.delivery.bytesDropped == 3_000_000 - error.delivery.bytesSent)
            #expect("\(error)".contains("of 3000000 bytes handed to the kernel"))
        }

        @Test(
            "acknowledgement is waited for when it is asked for",
            .enabled(if: isLinux),
            arguments: SocketFamily.allCases
        )
        func acknowledged(family: SocketFamily) async throws {
            let sent = Signal<Connection.Delivery>()
            try await withServer(family) { connection in
                try await connection.write(Pattern.bytes(100_000))
                sent.tell(try await connection.finish(waitingForAcknowledgement: true))
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                #expect(try await peer.run { $0.readPattern(50_000) }.bytes == 50_000)
                #expect(sent.value == nil)
                #expect(try await peer.run { $0.readPattern(from: 50_000) } == RawSocket.Tail(bytes: 50_000))
                peer.close()
                let delivery = await sent.wait()
                #expect(
                    delivery
                        == Connection.Delivery(bytesAccepted: 100_000, bytesSent: 100_000, bytesAcknowledged: 100_000)
                )
            }
        }

        @Test(
            "a peer that never acknowledges turns the end into an abort",
            .enabled(if: isLinux),
            arguments: SocketFamily.allCases
        )
        func unacknowledged(family: SocketFamily) async throws {
            let failures = Failures()
            try await withServer(family, failures: failures) { connection in
                try await connection.write(Pattern.bytes(150_000))
                try await connection.finish(within: .milliseconds(50), waitingForAcknowledgement: true)
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                while failures.all.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
                peer.close()
            }
            let error = try #require(failures.all.first as? ConnectionError)
            #expect(error.end.code == .timedOut)
            #expect(error.end.detail?.contains("acknowledge") == true)
            #expect(error.delivery.bytesAcknowledged ?? .max < 150_000)
        }

        @Test("what is used behind the end of its scope says so")
        func escaped() async throws {
            let escaped = Signal<Connection>()
            try await withServer(.tcp) { connection in
                escaped.tell(connection)
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address)
                #expect(try await peer.run { $0.readPattern() } == RawSocket.Tail())
                peer.close()
            }
            let connection = await escaped.wait()
            await #expect(throws: DoorError.writerFinished) { try await connection.write(ByteBuffer(string: "late")) }
            await #expect(throws: EndReason.self) { try await connection.read() }
            #expect(connection.remoteAddress != nil)
        }
    }
}

private let isLinux: Bool = {
    #if os(Linux)
        true
    #else
        false
    #endif
}()
