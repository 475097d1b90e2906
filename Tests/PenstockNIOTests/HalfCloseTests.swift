import NIOCore
import Penstock
import PenstockNIO
import PenstockTesting
import Testing

extension Sockets {
    @Suite struct HalfCloseTests {
        @Test(
            "B108, B109, C6.4: the write side is closed behind what was written, and reading goes on",
            arguments: SocketFamily.allCases
        )
        func writeSide(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let late = try await pair.subject { rig in
                    try rig.receive()
                    rig.write(1_000_000)
                    rig.transport.finishWriting()
                    return rig.write(10)
                }
                #expect(late == .closed)
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 1_000_000))
                #expect(await pair.ended.wait().isOrderly)
                try await pair.peer.run { _ = $0.write(Pattern.bytes(50_000)) }
                try await pair.subject.until { $0.bytesDelivered == 50_000 }
                #expect(pair.closed.value == nil)
                // The other half ends the connection: both sides have had their notification.
                pair.peer.finishWriting()
                #expect(await pair.inboundEnded.wait().isOrderly)
                #expect(await pair.received.wait().isComplete)
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test("B109, C7.3: the peer's half-close ends the inbound stream only", arguments: SocketFamily.allCases)
        func readSide(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { try $0.receive() }
                try await pair.peer.run { peer in
                    peer.write(Pattern.bytes(1000))
                    peer.finishWriting()
                }
                #expect(await pair.received.wait().isComplete)
                #expect(pair.closed.value == nil)
                try await pair.subject { $0.write(1_000_000) }
                #expect(try await pair.peer.run { $0.readPattern(1_000_000) } == .init(bytes: 1_000_000))
                try await pair.subject { $0.transport.finish() }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 0))
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test(
            "B110, C7.3: without half-close the peer's end closes, behind what was accepted",
            arguments: SocketFamily.allCases
        )
        func notAllowed(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.allowsHalfClosure = false
            try await Pair.with(family, configuration, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(1_000_000)
                }
                pair.peer.finishWriting()
                #expect(await pair.inboundEnded.wait().isOrderly)
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 1_000_000))
                let report = await pair.closed.wait()
                #expect(report.end.isOrderly)
                #expect(await pair.ended.wait().code == .peerFinished)
                #expect(report.bytesSent == 1_000_000)
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .stop])
            }
        }

        @Test("B111: half-close answered by half-close and then finish does not hang", arguments: SocketFamily.allCases)
        func bothSides(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.finishWriting()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 0))
                pair.peer.finishWriting()
                try await pair.subject { $0.transport.finish() }
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test("B111: finish after a half-close that has gone out ends both sides", arguments: SocketFamily.allCases)
        func finishAfterHalfClose(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.linger = .milliseconds(50)
            try await Pair.with(family, configuration) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.finishWriting()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 0))
                try await pair.subject { $0.transport.finish() }
                // The peer never ends its side: the linger does.
                #expect(await pair.closed.wait().end.isOrderly)
                #expect(await pair.received.wait().end.code == .closedLocally)
            }
        }

        @Test(
            "B112, C6.4: half-close waits for any producer and happens when it unregisters",
            arguments: SocketFamily.allCases
        )
        func waitsForProducer(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    try rig.transport.registerProducer(rig.producer)
                    rig.transport.finishWriting()
                    rig.write(1000)
                }
                #expect(try await pair.peer.run { $0.readPattern(1000) } == .init(bytes: 1000))
                #expect(pair.ended.value == nil)
                try await pair.subject { rig in
                    rig.write(1000, from: 1000)
                    rig.transport.unregisterProducer()
                    rig.producer.unregistered()
                }
                #expect(try await pair.peer.run { $0.readPattern(from: 1000) } == .init(bytes: 1000))
                #expect(await pair.ended.wait().isOrderly)
                #expect(pair.closed.value == nil)
            }
        }
    }
}
