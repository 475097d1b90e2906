import NIOCore
import Penstock
import PenstockNIO
import Testing

extension Sockets {
    @Suite struct ReadingTests {
        @Test(
            "B42, C7.1: nothing is delivered after a pause, everything after the resume",
            arguments: SocketFamily.allCases
        )
        func pauseAndResume(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    rig.onElement = { if rig.bytesDelivered == 1000 { rig.transport.pauseProducing() } }
                    try rig.receive()
                }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(1000)) }
                try await pair.subject.until { $0.bytesDelivered == 1000 }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(1000, from: 1000)) }
                // A second connection through the same loop is served: the loop has had every chance to read this one.
                try await otherTraffic(on: pair)
                #expect(try await pair.subject { $0.bytesDelivered } == 1000)
                try await pair.subject { $0.transport.resumeProducing() }
                try await pair.subject.until { $0.bytesDelivered == 2000 }
                #expect(try await pair.subject { $0.isIntact })
            }
        }

        @Test("B43, C7.4: after finish, and after the end, a resume delivers nothing", arguments: SocketFamily.allCases)
        func resumeAfterFinish(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.pauseProducing()
                    rig.transport.finish()
                    rig.transport.resumeProducing()
                }
                #expect(await pair.received.wait().end.code == .closedLocally)
                try await pair.peer.run { peer in
                    peer.write(Pattern.bytes(5000))
                    peer.close()
                }
                let report = await pair.closed.wait()
                #expect(report.end.isOrderly)
                #expect(report.bytesDiscarded == 5000)
                try await pair.subject { $0.transport.resumeProducing() }
                #expect(try await pair.subject { $0.bytesDelivered } == 0)
            }
        }

        @Test("B44, C7.4: a pause before the first read is honoured", arguments: SocketFamily.allCases)
        func pauseAtOnce(family: SocketFamily) async throws {
            try await Pair.with(family) { rig in
                try? rig.receive()
                rig.transport.pauseProducing()
            } _: { pair in
                try await pair.peer.run { _ = $0.write(Pattern.bytes(1000)) }
                try await otherTraffic(on: pair)
                #expect(try await pair.subject { $0.bytesDelivered } == 0)
                try await pair.subject { $0.transport.resumeProducing() }
                try await pair.subject.until { $0.bytesDelivered == 1000 }
            }
        }

        @Test("B45: rapid pauses and resumes lose and reorder nothing", arguments: SocketFamily.allCases)
        func rapidCycles(family: SocketFamily) async throws {
            let size = 8 << 20
            var configuration = TransportConfiguration()
            configuration.largestRead = 5000
            try await Pair.with(family, configuration) { pair in
                try await pair.subject { rig in
                    var count = 0
                    rig.onElement = {
                        count += 1
                        rig.transport.pauseProducing()
                        switch count % 3 {
                        case 0: rig.transport.resumeProducing()
                        case 1: rig.transport.scheduler.onLaterTurn { rig.transport.resumeProducing() }
                        default:
                            rig.transport.scheduler.schedule(after: .microseconds(20)) {
                                rig.transport.resumeProducing()
                                rig.transport.pauseProducing()
                                rig.transport.resumeProducing()
                            }
                        }
                    }
                    try rig.receive()
                }
                try await pair.peer.run { peer in
                    peer.write(Pattern.bytes(size))
                    peer.finishWriting()
                }
                #expect(await pair.received.wait().isComplete)
                let (bytes, isIntact) = try await pair.subject { ($0.bytesDelivered, $0.isIntact) }
                #expect(bytes == size)
                #expect(isIntact)
            }
        }

        @Test(
            "B46, C7.2: what the peer wrote before it closed comes after the resume, then the end",
            arguments: SocketFamily.allCases
        )
        func closedWhilePaused(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.pauseProducing()
                }
                try await pair.peer.run { peer in
                    peer.write(Pattern.bytes(100_000))
                    peer.close()
                }
                // The owner is told at once, the consumer nothing.
                _ = await pair.inboundEnded.wait()
                #expect(try await pair.subject { $0.bytesDelivered } == 0)
                #expect(pair.received.value == nil)
                try await pair.subject { $0.transport.resumeProducing() }
                #expect(await pair.received.wait().isComplete)
                let (bytes, isIntact) = try await pair.subject { ($0.bytesDelivered, $0.isIntact) }
                #expect(bytes == 100_000)
                #expect(isIntact)
            }
        }

        @Test("B47: a paused transport that writes to a dead peer learns of the loss", arguments: SocketFamily.allCases)
        func deadPeer(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.pauseProducing()
                }
                pair.peer.close()
                try await pair.subject { rig in
                    func writeMore() {
                        guard rig.write(1000) != .closed else { return }
                        rig.transport.scheduler.schedule(after: .milliseconds(1)) { writeMore() }
                    }
                    writeMore()
                }
                let report = await pair.closed.wait()
                #expect(report.end.code == .lost)
                #expect(await pair.ended.wait().code == .lost)
            }
        }

        @Test("B48, C7.2: a paused and idle transport learns that its peer has reset", arguments: SocketFamily.allCases)
        func resetWhilePaused(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.pauseProducing()
                    rig.write(1000)
                }
                try await pair.peer.run { peer in
                    peer.write(Pattern.bytes(3000))
                    // A UNIX socket that is closed with something unread is reset.
                    while peer.unread == 0 {}
                    peer.reset()
                }
                #expect(await pair.inboundEnded.wait().code == .lost)
                #expect(await pair.closed.wait().end.code == .lost)
                #expect(pair.received.value == nil)
                // What arrived before comes with the resume, then the end, then nothing.
                try await pair.subject { $0.transport.resumeProducing() }
                #expect(await pair.received.wait().end.code == .lost)
                let (bytes, isIntact) = try await pair.subject { rig in
                    rig.transport.resumeProducing()
                    return (rig.bytesDelivered, rig.isIntact)
                }
                #expect(bytes == 3000)
                #expect(isIntact)
            }
        }

        @Test("C7.5: nothing is read while nobody consumes", arguments: SocketFamily.allCases)
        func nobodyConsumes(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let filled = try await pair.peer.run { $0.fill() }
                try await otherTraffic(on: pair)
                #expect(try await pair.subject { $0.transport.bytesReceived } == 0)
                try await pair.subject { try $0.receive() }
                try await pair.subject.until { $0.bytesDelivered == filled }
                #expect(try await pair.subject { $0.isIntact })
            }
        }

        @Test(
            "C7.6: what a finished peer has flooded past a pause is bounded by the window",
            arguments: SocketFamily.allCases
        )
        func floodThenFinish(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            let window = 256 << 10
            configuration.receiveWindow = window
            try await Pair.with(family, configuration) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.pauseProducing()
                }
                let size = 16 << 20
                async let written = pair.peer.run { peer in
                    let count = peer.write(Pattern.bytes(size))
                    peer.finishWriting()
                    return count
                }
                _ = try await pair.peer.run { peer in while !peer.isBlocked {} }
                #expect(try await pair.subject { $0.transport.inboundPeak } <= window)
                try await pair.subject { $0.transport.resumeProducing() }
                #expect(await pair.received.wait().isComplete)
                #expect(try await written == size)
                let (bytes, peak) = try await pair.subject { ($0.bytesDelivered, $0.transport.inboundPeak) }
                #expect(bytes == size)
                #expect(peak <= window)
            }
        }

        @Test(
            "C7.6: the window bounds a flood past a pause also when much has been taken before, as fast as it came",
            arguments: SocketFamily.allCases
        )
        func floodAfterFastTransfer(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            let window = 256 << 10
            configuration.receiveWindow = window
            try await Pair.with(family, configuration) { pair in
                try await pair.subject { try $0.receive() }
                // A kernel that sizes its buffer by the pace of the reader has reason to by now.
                let size = 64 << 20
                #expect(try await pair.peer.run { $0.write(Pattern.bytes(size)) } == size)
                try await pair.subject.until { $0.bytesDelivered == size }
                try await pair.subject { $0.transport.pauseProducing() }
                let flood = try await pair.peer.run { $0.fill(from: size) }
                // When the peer finishes, NIO reads all that is there, paused or not.
                #expect(try await pair.subject { $0.transport.channel.unreadBytes } <= window)
                pair.peer.finishWriting()
                try await pair.subject { $0.transport.resumeProducing() }
                #expect(await pair.received.wait().isComplete)
                let (bytes, isIntact) = try await pair.subject { ($0.bytesDelivered, $0.isIntact) }
                #expect(bytes == size + flood)
                #expect(isIntact)
            }
        }

        @Test(
            "C7.6: the end of a small flood is seen while paused, and the bytes are counted",
            arguments: SocketFamily.allCases
        )
        func smallFloodThenFinish(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.pauseProducing()
                }
                try await pair.peer.run { peer in
                    peer.write(Pattern.bytes(50_000))
                    peer.finishWriting()
                }
                #expect(await pair.inboundEnded.wait().isOrderly)
                let (level, peak, bytes) = try await pair.subject { rig in
                    (rig.transport.inboundLevel, rig.transport.inboundPeak, rig.bytesDelivered)
                }
                #expect(level == 50_000)
                #expect(peak == 50_000)
                #expect(bytes == 0)
                // The write side is alive.
                try await pair.subject { $0.write(10) }
                #expect(try await pair.peer.run { $0.readPattern(10) }.bytes == 10)
                try await pair.subject { $0.transport.resumeProducing() }
                #expect(await pair.received.wait().isComplete)
                #expect(try await pair.subject { $0.transport.inboundLevel } == 0)
            }
        }

        @Test(
            "C7.7: stopped, it reads, counts and discards, and the write side goes on",
            arguments: SocketFamily.allCases
        )
        func stopped(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.pauseProducing()
                }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(1000)) }
                try await pair.subject { $0.transport.stopProducing(.cancelled) }
                #expect(await pair.received.wait().end.code == .cancelled)
                try await pair.peer.run { _ = $0.write(Pattern.bytes(4 << 20)) }
                try await pair.subject { $0.write(1000) }
                #expect(try await pair.peer.run { $0.readPattern(1000) }.bytes == 1000)
                try await pair.subject.until { $0.transport.bytesDiscarded == 1000 + 4 << 20 }
                #expect(try await pair.subject { $0.bytesDelivered } == 0)
            }
        }

        @Test(
            "C9.4: a consumer that goes away leaves the connection read and counted",
            arguments: SocketFamily.allCases
        )
        func consumerAborts(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    rig.onElement = { rig.inlet.abort(.cancelled) }
                    try rig.receive()
                }
                try await pair.peer.run { peer in
                    peer.write(Pattern.bytes(1 << 20))
                    peer.finishWriting()
                }
                #expect(await pair.received.wait().end.code == .cancelled)
                _ = await pair.inboundEnded.wait()
                let (received, discarded, delivered) = try await pair.subject { rig in
                    (rig.transport.bytesReceived, rig.transport.bytesDiscarded, rig.bytesDelivered)
                }
                #expect(received == 1 << 20)
                #expect(discarded == received - delivered)
            }
        }

        /// Moves a byte both ways through another connection of the same server, so that the loops have looked at all sockets.
        private func otherTraffic(on pair: Pair) async throws {
            let loop = pair.subject.eventLoop
            let echoed = Signal<Void>()
            let (listener, address) = try RawSocket.listen(on: .tcp(host: "127.0.0.1", port: 0))
            try await StreamClient.connect(to: address, on: loop) { transport in
                let sink = NullConsumer<ByteBuffer>(scheduler: transport.scheduler)
                sink.onElement = { _ in
                    echoed.tell()
                    transport.abort(.cancelled)
                }
                try transport.attach(to: sink)
            }
            let other = try await listener.accept()
            try await other.run { _ = $0.write("x") }
            await echoed.wait()
        }

        @Test("C7.4: an end that comes inside a delivery is delivered behind it", arguments: SocketFamily.allCases)
        func closedInsideDelivery(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    rig.onElement = { rig.transport.channel.close(promise: nil) }
                    try rig.receive()
                }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(10)) }
                #expect(await pair.received.wait().end.code == .lost)
            }
        }
    }
}
