import NIOCore
import Penstock
import PenstockTesting
import Testing

@testable import PenstockNIO

extension Sockets {
    @Suite struct LevelTests {
        @Test("C4.6: the level is what the kernel has not taken, to the byte", arguments: SocketFamily.allCases)
        func exactLevel(family: SocketFamily) async throws {
            let element = 1000
            let count = 800
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    rig.transport.write(contentsOf: Pattern.chunks(element * count, of: element))
                }
                var seen = 0
                for _ in 1...8 {
                    // Both kernels together hold exactly what does not count any more.
                    let peer = pair.peer
                    let read = seen
                    try await pair.subject.until { rig in
                        let level = rig.transport.snapshot.level
                        let taken = read + peer.unread + rig.unacknowledged
                        let left = element * count - taken
                        return level == left + (left + element - 1) / element * entryOverhead && level > 0
                    }
                    #expect(try await pair.peer.run { $0.readPattern(30_000, from: read) }.isIntact)
                    seen += 30_000
                }
                let sent = try await pair.subject { $0.transport.bytesSent }
                #expect(sent >= seen)
            }
        }

        @Test("C4.2: raised marks count for what is written already", arguments: SocketFamily.allCases)
        func raisedMarks(family: SocketFamily) async throws {
            let marks = Watermarks(low: 1000, high: 2000)
            try await Pair.with(family, TransportConfiguration(marks: marks), sendBuffer: 4096, receiveBuffer: 4096) {
                pair in
                try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(600_000)
                    rig.transport.marks = Watermarks(low: 400_000, high: 600_000)
                    rig.producer.onResume = { rig.log.append("\(rig.transport.gate.flow.level > 1000)") }
                }
                #expect(try await pair.subject { $0.producer.signals } == [.pause])
                #expect(try await pair.peer.run { $0.readPattern(300_000) }.isIntact)
                try await pair.subject.until { $0.producer.signals == [.pause, .resume] }
                #expect(try await pair.subject { $0.log } == ["true"])
            }
        }

        @Test(
            "C4.2, C4.6: the resume comes when the level has fallen to the low mark, overheads included",
            arguments: SocketFamily.allCases
        )
        func resumeAtTheLowMark(family: SocketFamily) async throws {
            // 200 elements of one byte: nearly all of the level is overhead, which NIO's own mark does not see.
            let marks = Watermarks(low: 100, high: 6000)
            try await Pair.with(family, TransportConfiguration(marks: marks), sendBuffer: 4096, receiveBuffer: 4096) {
                pair in
                let filler = 300_000
                try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(filler)
                    rig.transport.write(contentsOf: Pattern.chunks(200, of: 1))
                    let transport = rig.transport
                    rig.producer.onResume = { rig.log.append("\(transport.gate.flow.level <= marks.low)") }
                }
                #expect(try await pair.subject { $0.producer.signals } == [.pause])
                #expect(try await pair.peer.run { $0.readPattern(filler) }.isIntact)
                try await pair.subject.until { $0.producer.signals == [.pause, .resume] }
                #expect(try await pair.subject { $0.log } == ["true"])
            }
        }

        @Test(
            "C10.2: the peak of a push flow is the high mark plus one element",
            arguments: SocketFamily.allCases,
            [100, 3000, 200_000]
        )
        func peak(family: SocketFamily, element: Int) async throws {
            let size = element == 100 ? 200_000 : 4_000_000
            try await Pair.with(family, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                try await pair.subject { rig in
                    let loop = PushLoop(rig, total: size, element: element)
                    try rig.transport.registerProducer(rig.producer)
                    loop.run()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
                let (peak, pauses) = try await pair.subject {
                    ($0.transport.snapshot.peak, $0.transport.snapshot.pauses)
                }
                #expect(peak <= Watermarks.bytes.high + element + entryOverhead)
                #expect(pauses > 0)
            }
        }

        @Test("C4.9: whom a paused producer waits for can be read", arguments: SocketFamily.allCases)
        func waits(family: SocketFamily) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                let waits = try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(1_000_000)
                    rig.transport.hold("lunch")
                    return rig.transport.snapshot.waits.map(\.reason)
                }
                #expect(waits.count == 2)
                #expect(waits.contains { $0.contains("to take") })
                #expect(waits.contains { $0.contains("lunch") })
            }
        }

        @Test("C4.8: a hold released after the level has drained resumes", arguments: SocketFamily.allCases)
        func hold(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let signals = try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(1000)
                    rig.transport.hold(.owner)
                    return rig.producer.signals
                }
                #expect(signals == [.pause])
                #expect(try await pair.peer.run { $0.readPattern(1000) }.isIntact)
                let resumed = try await pair.subject { rig in
                    rig.transport.release(.owner)
                    return rig.producer.signals
                }
                #expect(resumed == [.pause, .resume])
            }
        }

        @Test(
            "C4.8: who registers behind what nobody waited for is resumed when it has gone",
            arguments: SocketFamily.allCases
        )
        func registeredLate(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.stallTimeout = nil
            try await Pair.with(family, configuration, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                let size = try await pair.writeUntilBlocked()
                // Above the high mark by their overhead alone, which NIO's own mark does not see.
                try await pair.subject { rig in
                    for byte in 0..<1100 { rig.write(1, from: size + byte) }
                }
                try await pair.subject { try $0.transport.registerProducer($0.producer) }
                #expect(try await pair.subject { $0.producer.signals } == [.pause])
                #expect(try await pair.peer.run { $0.readPattern(size + 1100) } == .init(bytes: size + 1100))
                try await pair.subject.until { $0.producer.signals == [.pause, .resume] }
                #expect(try await pair.subject { $0.transport.gate.flow.level } == 0)
            }
        }

        @Test(
            "C4.2, C4.6: the resume comes at the low mark also if the peer stops before everything is gone",
            arguments: SocketFamily.allCases
        )
        func resumeBeforeTheLastByte(family: SocketFamily) async throws {
            let marks = Watermarks(low: 100_000, high: 120_000)
            try await Pair.with(family, TransportConfiguration(marks: marks), sendBuffer: 8192, receiveBuffer: 8192) {
                pair in
                let filler = 400_000
                try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(filler)
                    // Their overhead keeps the level above the low mark long after the bytes have fallen below it.
                    rig.transport.write(contentsOf: Pattern.chunks(1000, of: 1))
                    rig.producer.onResume = { rig.log.append("\(rig.transport.gate.flow.level)") }
                }
                var read = 0
                while try await pair.subject({ $0.buffered }) > 30_000 {
                    let offset = read
                    read += try await pair.peer.run { $0.readPattern(1000, from: offset).bytes }
                }
                let levels = try await pair.subject { $0.log.compactMap(Int.init) }
                let level = try #require(levels.first)
                #expect(level <= marks.low && level > 1000 * entryOverhead)
                #expect(try await pair.subject { $0.buffered } > 0)
            }
        }
    }
}

extension Rig {
    /// The bytes that the transport's own kernel holds for the peer; on UNIX sockets they are in the peer's queue at once.
    var unacknowledged: Int {
        transport.channel.localAddress?.port == nil ? 0 : transport.channel.unsentBytes
    }
}
