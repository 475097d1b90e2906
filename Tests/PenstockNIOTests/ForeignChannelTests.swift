import NIOCore
import NIOPosix
import Penstock
import PenstockTesting
import Testing

@testable import PenstockNIO

extension Sockets {
    /// Transports on channels that NIO's own bootstraps have made.
    @Suite struct ForeignChannelTests {
        @Test(
            "C4.6, C10.2: on a foreign channel a push flow is whole, bounded and legally paced",
            arguments: SocketFamily.allCases
        )
        func pushFlow(family: SocketFamily) async throws {
            let size = 3_000_000
            try await ForeignPair.with(family) { pair in
                try await pair.subject { rig in
                    let loop = PushLoop(rig, total: size, element: 10_000)
                    try rig.transport.registerProducer(rig.producer)
                    loop.run()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
                pair.peer.close()
                let report = await pair.closed.wait()
                #expect(report.end.isOrderly)
                #expect(report.bytesSent == size)
                let (violations, snapshot) = try await pair.subject { ($0.producer.violations, $0.transport.snapshot) }
                #expect(violations == [])
                #expect(snapshot.pauses > 0)
                #expect(snapshot.peak <= Watermarks.bytes.high + 10_000 + entryOverhead)
            }
        }

        @Test("C4.6: the level is known to a slice of half the low mark", arguments: SocketFamily.allCases)
        func slices(family: SocketFamily) async throws {
            let element = 100_000
            let count = 5
            try await ForeignPair.with(family) { pair in
                try await pair.subject { rig in
                    rig.transport.write(contentsOf: Pattern.chunks(element * count, of: element))
                }
                var read = 0
                for _ in 1...5 {
                    let peer = pair.peer
                    let already = read
                    try await pair.subject.until { rig in
                        let taken = already + peer.unread + rig.unacknowledged
                        let left = element * count - taken
                        let exact = left + (left + element - 1) / element * entryOverhead
                        let over = rig.transport.snapshot.level - exact
                        return left > 0 && over >= 0 && over <= Watermarks.bytes.low / 2 + entryOverhead
                    }
                    #expect(try await peer.run { $0.readPattern(40_000, from: already) }.isIntact)
                    read += 40_000
                }
            }
        }

        @Test(
            "C6.2: what is dropped is counted by elements, though they were handed over in slices",
            arguments: SocketFamily.allCases
        )
        func droppedElements(family: SocketFamily) async throws {
            let element = 100_000
            let count = 5
            try await ForeignPair.with(family) { pair in
                try await pair.subject { rig in
                    rig.transport.write(contentsOf: Pattern.chunks(element * count, of: element))
                }
                // The second element has begun to leave, and the rest of it is held.
                _ = try await pair.peer.run { $0.readPattern(element + 1) }
                let peer = pair.peer
                try await pair.subject.until { element + 1 + peer.unread + $0.unacknowledged < 2 * element }
                let delivery = try await pair.subject { rig in
                    rig.transport.abort(.cancelled)
                    return rig.transport.snapshot.delivery
                }
                #expect(delivery.accepted.elements == count)
                #expect(delivery.dropped.elements == count - 1)
            }
        }

        @Test("C7.1: pause and resume hold the channel's reading", arguments: SocketFamily.allCases)
        func reading(family: SocketFamily) async throws {
            let size = 2 << 20
            try await ForeignPair.with(family) { pair in
                try await pair.subject { rig in
                    rig.onElement = {
                        rig.transport.pauseProducing()
                        rig.transport.scheduler.onLaterTurn { rig.transport.resumeProducing() }
                    }
                    try rig.receive()
                }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(size)) }
                try await pair.subject.until { $0.bytesDelivered == size }
                #expect(try await pair.subject { $0.isIntact })
            }
        }

        @Test(
            "C1.4: while connecting a registration is accepted, a pull producer not asked, and nothing lost",
            arguments: SocketFamily.allCases,
            [false, true]
        )
        func connecting(family: SocketFamily, isPull: Bool) async throws {
            let (listener, address) = try RawSocket.listen(on: family.freshAddress())
            let before = Signal<(FlowControl.Phase, [StrictProducer.Signal], Int)>()
            let subject = Signal<OnLoop<Rig>>()
            let pull = PullAnswers()
            let target = try #require(address.socketAddress)
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            _ = try await ClientBootstrap(group: loop).channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.installTransport { transport in
                        let rig = Rig(transport)
                        let recorder = PullRecorder()
                        recorder.answer = { number in
                            pull.count(number)
                            rig.write(1000, from: 200_000)
                            transport.unregisterProducer()
                            transport.finish()
                        }
                        if isPull {
                            try? transport.registerProducer(recorder)
                            rig.write(200_000)
                        } else {
                            rig.producer.onResume = {
                                rig.write(1000, from: 200_000)
                                transport.unregisterProducer()
                                rig.producer.unregistered()
                                transport.finish()
                            }
                            try? transport.registerProducer(rig.producer)
                            rig.write(200_000)
                        }
                        before.tell((transport.snapshot.phase, rig.producer.signals, recorder.questions))
                        subject.tell(OnLoop(rig, eventLoop: loop))
                    }
                }
            }.connect(to: target).get()
            let (phase, signals, questions) = await before.wait()
            #expect(phase == .connecting)
            #expect(signals == (isPull ? [] : [.pause]))
            #expect(questions == 0)
            let peer = try await listener.accept()
            #expect(try await peer.run { $0.readPattern() } == .init(bytes: 201_000))
            peer.close()
            let rig = await subject.wait()
            try await rig.until { $0.closed.value != nil }
            #expect(try await rig { $0.closed.value?.end.isOrderly } == true)
            #expect(try await rig { $0.producer.violations } == [])
            #expect(pull.questions == (isPull ? 1 : 0))
        }

        @Test(
            "C1.4, C6.1: a connection that is refused stops what was registered, and drops what was written",
            arguments: SocketFamily.allCases
        )
        func refused(family: SocketFamily) async throws {
            let (nobody, address) = try RawSocket.listen(on: family.freshAddress())
            nobody.close()
            let target = try #require(address.socketAddress)
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let subject = Signal<OnLoop<Rig>>()
            await #expect(throws: (any Error).self) {
                _ = try await ClientBootstrap(group: loop).channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.installTransport { transport in
                            let rig = Rig(transport)
                            try? transport.registerProducer(rig.producer)
                            rig.write(1000)
                            transport.finish()
                            subject.tell(OnLoop(rig, eventLoop: loop))
                        }
                    }
                }.connect(to: target).get()
            }
            let rig = await subject.wait()
            try await rig.until { $0.closed.value != nil }
            let (signals, report) = try await rig { ($0.producer.signals, $0.closed.value) }
            #expect(signals == [.stop])
            #expect(report?.end.code == .lost)
            #expect(report?.bytesDropped == 1000)
        }
    }
}
