import NIOCore
import Penstock
import PenstockTesting

@testable import PenstockNIO

/// The transport on sockets: as a transport, as a consumer of what goes out, as a producer of what comes in.
extension KitSubject {
    static func transport(
        _ name: String,
        _ kind: SocketKind,
        isRelayed: Bool = false,
        _ eventLoop: any EventLoop
    ) -> TransportSuite<ByteBuffer> {
        var options = KitOptions(randomOrders: 2)
        if isRelayed { options.excused = RelayBetween.excused(on: kind) }
        return TransportSuite(name, traits: kind.traits, options: options) { setup in
            let line = try await SocketLine(
                kind,
                TransportConfiguration(setup),
                isRelayed: isRelayed,
                on: eventLoop
            )
            if setup.isConnected { try await line.connect() }
            let peer = line.peer
            let connect: () async throws -> Void = { try await line.connect() }
            let peerOfCheck = TransportPeer(
                connect: setup.isConnected ? nil : connect,
                send: { peer.give($0) },
                finish: { peer.finish() },
                reset: { try peer.reset() },
                take: { peer.allow($0) },
                received: { peer.received },
                taken: { line.taken },
                writeEnd: { peer.writeEnd }
            )
            var subject = TransportUnderTest(line.transport, clock: line.clock, peer: peerOfCheck)
            subject.close = { await line.close() }
            return subject
        }
    }

    /// Marks so far apart that what a network sends now and then, although the peer takes nothing, makes no room.
    private static let marks = Watermarks(low: 1_000, high: 10_000)

    static func consumer(
        _ name: String,
        _ kind: SocketKind,
        _ eventLoop: any EventLoop
    ) -> ConsumerSuite<ByteBuffer> {
        let options = KitOptions(randomOrders: 2, recursions: 200)
        return ConsumerSuite(name, marks: marks, options: options) { marks in
            let line = try await SocketLine(kind, TransportConfiguration(untimed: marks), on: eventLoop)
            var subject = ConsumerUnderTest(
                line.transport,
                clock: line.clock,
                output: { line.peer.received },
                draining: .everything { await line.takeAll() }
            )
            // A line that cannot be connected shows by what does not come out.
            subject.connect = { try? await line.connect() }
            subject.lose = { await line.lose() }
            subject.close = { await line.close() }
            return subject
        }
    }

    static func producer(
        _ name: String,
        _ kind: SocketKind,
        _ eventLoop: any EventLoop
    ) -> ProducerSuite<ByteBuffer> {
        func make(_ end: (SocketPeer) throws -> Void) async throws -> ProducerFixture<ByteBuffer> {
            var configuration = TransportConfiguration(untimed: .bytes)
            configuration.largestRead = Pieces.size
            let line = try await SocketLine(kind, configuration, on: eventLoop)
            try await line.connect()
            _ = line.peer.give(Pieces.all.flatMap { Array($0.readableBytesView) })
            // Unread by the peer, so that closing a UNIX socket is a reset.
            line.transport.write(ByteBuffer(string: "unread"))
            await line.clock.settle()
            try end(line.peer)
            await line.clock.settle()
            return Pieces.fixture(line.transport, clock: line.clock) { await line.close() }
        }
        var subject = ProducerUnderTest<ByteBuffer>(name, kind: .push) { try await make { $0.finish() } }
        subject.makeFailing = {
            var fixture = try await make { try $0.reset() }
            fixture.isFailure = { ($0 as? EndReason)?.code == .lost || $0 is IOError }
            return fixture
        }
        return ProducerSuite(subject, options: KitOptions(randomOrders: 3))
    }
}

extension TransportConfiguration {
    /// What a check of the kit wants a transport to be like.
    init(_ setup: TransportSetup) {
        self.init(untimed: setup.marks)
        limit = setup.limit
        allowsHalfClosure = setup.allowsHalfClosure
        linger = setup.linger
        receiveWindow = setup.receiveWindow
    }

    /// Without timeouts, which a check that lets an hour pass would meet.
    init(untimed marks: Watermarks) {
        self.init(marks: marks)
        idleTimeout = nil
        stallTimeout = nil
    }
}
