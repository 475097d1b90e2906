import NIOCore
import Penstock
import PenstockNIO
import PenstockTesting
import Testing

extension Sockets {
    @Suite struct WritingTests {
        @Test("B1, C1.1: a second producer is refused and the first stays", arguments: SocketFamily.allCases)
        func secondProducer(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let (error, signals, asked) = try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    let second = PullRecorder()
                    var caught: RegistrationError?
                    do throws(RegistrationError) { try rig.transport.registerProducer(second) } catch { caught = error }
                    rig.transport.abort(.cancelled)
                    return (caught, rig.producer.signals, second.questions + second.stops.count)
                }
                #expect(error == .alreadyRegistered)
                #expect(signals == [.stop])
                #expect(asked == 0)
            }
        }

        @Test(
            "B2, C1.3: on a lost connection a producer is stopped once and not kept",
            arguments: SocketFamily.allCases
        )
        func producerAfterTheEnd(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { try $0.receive() }
                pair.peer.reset()
                try await pair.subject.until { $0.transport.gate.end != nil }
                let (signals, isKept) = try await pair.subject { rig in
                    var producer: StrictProducer? = StrictProducer()
                    weak let kept = producer
                    if let producer { try rig.transport.registerProducer(producer) }
                    let signals = producer?.signals
                    producer = nil
                    return (signals, kept != nil)
                }
                #expect(signals == [.stop])
                #expect(!isKept)
            }
        }

        @Test(
            "B3, B4, C2.1: unregistering without a producer does nothing, with one makes place",
            arguments: SocketFamily.allCases
        )
        func unregistering(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let signals = try await pair.subject { rig in
                    rig.transport.unregisterProducer()
                    rig.transport.unregisterProducer()
                    let first = StrictProducer()
                    try rig.transport.registerProducer(first)
                    rig.transport.unregisterProducer()
                    first.unregistered()
                    try rig.transport.registerProducer(rig.producer)
                    rig.transport.unregisterProducer()
                    return first.signals + rig.producer.signals
                }
                #expect(signals == [])
            }
        }

        @Test("B6, C3.2: after the end writes are dropped and counted", arguments: SocketFamily.allCases)
        func writeAfterTheEnd(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { $0.transport.abort(.cancelled) }
                _ = await pair.closed.wait()
                let (outcomes, refused) = try await pair.subject { rig in
                    let outcomes = [
                        rig.write(10),
                        rig.transport.write(contentsOf: Pattern.chunks(30, of: 10)),
                        rig.transport.write(ByteBuffer()),
                    ]
                    return (outcomes, rig.transport.snapshot.delivery.refused.elements)
                }
                #expect(outcomes == [.closed, .closed, .closed])
                #expect(refused == 5)
                #expect(await pair.closed.wait().bytesAccepted == 0)
            }
        }

        @Test("B7, B22, C3.5: a one-shot sequence arrives whole", arguments: SocketFamily.allCases)
        func oneShotSequence(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    var rest = Pattern.chunks(200_000, of: 1000).makeIterator()
                    rig.transport.write(contentsOf: IteratorSequence(AnyIterator { rest.next() }))
                    rig.transport.finishWriting()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 200_000))
            }
        }

        @Test("B8: a kernel that accepts nothing more is no error", arguments: SocketFamily.allCases)
        func fullKernel(family: SocketFamily) async throws {
            let size = 4 << 20
            var configuration = TransportConfiguration()
            configuration.limit = nil
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    rig.transport.write(contentsOf: Pattern.chunks(size, of: 1 << 16))
                }
                let (phase, level) = try await pair.subject { rig in
                    (rig.transport.snapshot.phase, rig.transport.snapshot.level)
                }
                #expect(phase == .open)
                #expect(level > 0)
                try await pair.subject { $0.transport.finishWriting() }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
            }
        }

        @Test(
            "B9, C6.3: 60 MiB written at once arrive whole, and the end behind them",
            arguments: SocketFamily.allCases
        )
        func largeWrite(family: SocketFamily) async throws {
            let size = 60 << 20
            var configuration = TransportConfiguration()
            configuration.limit = nil
            try await Pair.with(family, configuration) { pair in
                async let tail = pair.peer.run { peer in
                    defer { peer.close() }
                    return peer.readPattern()
                }
                try await pair.subject { rig in
                    rig.write(size)
                    rig.transport.finish()
                }
                #expect(try await tail == .init(bytes: size))
                let report = await pair.closed.wait()
                #expect(report.end.isOrderly)
                #expect(report.bytesSent == size)
            }
        }

        @Test("B20, C2.3: whoever follows a paused producer is not resumed for it", arguments: SocketFamily.allCases)
        func successorOfAPausedProducer(family: SocketFamily) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                let paused = try await pair.subject { rig in
                    let first = StrictProducer()
                    try rig.transport.registerProducer(first)
                    rig.write(500_000)
                    rig.transport.unregisterProducer()
                    first.unregistered()
                    // No room: the newcomer is paused for its own part (C1.6), and resumed for that.
                    try rig.transport.registerProducer(rig.producer)
                    rig.producer.onResume = { rig.transport.unregisterProducer() }
                    return (first.signals, rig.producer.signals)
                }
                #expect(paused == ([.pause], [.pause]))
                #expect(try await pair.peer.run { $0.readPattern(500_000) }.isIntact)
                try await pair.subject.until { !$0.transport.snapshot.isPaused && $0.transport.snapshot.level == 0 }
                let (signals, violations) = try await pair.subject { ($0.producer.signals, $0.producer.violations) }
                #expect(signals == [.pause, .resume])
                #expect(violations == [])
            }
        }

        @Test("B21, C4.6: what the kernel took no longer counts", arguments: SocketFamily.allCases)
        func sentBytesDoNotCount(family: SocketFamily) async throws {
            let configuration = TransportConfiguration(marks: Watermarks(low: 1000, high: 20_000))
            try await Pair.with(family, configuration) { pair in
                try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(15_000)
                }
                for turn in 1...10 {
                    // The kernel has taken what the last turn wrote; counted together the second turn would pause.
                    let signals = try await pair.subject { rig in
                        rig.write(15_000, from: turn * 15_000)
                        return rig.producer.signals
                    }
                    #expect(signals == [])
                }
                #expect(try await pair.peer.run { $0.readPattern(165_000) }.isIntact)
            }
        }

        @Test("C3.4: an empty buffer is neither queued nor sent", arguments: SocketFamily.allCases)
        func emptyWrite(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let (outcomes, snapshot) = try await pair.subject { rig in
                    let outcomes = [
                        rig.transport.write(ByteBuffer()),
                        rig.transport.write(contentsOf: [ByteBuffer(), ByteBuffer()]),
                        rig.transport.write(contentsOf: []),
                    ]
                    return (outcomes, rig.transport.snapshot)
                }
                #expect(outcomes == [.room, .room, .room])
                #expect(snapshot.delivery.accepted.elements == 0)
                #expect(snapshot.peak == 0)
                try await pair.subject { $0.transport.finish() }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 0))
            }
        }
    }
}
