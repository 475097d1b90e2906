import NIOCore
import Penstock
import PenstockTesting
import Testing

@testable import PenstockNIO

extension Sockets {
    /// Whoever waits for the kernel is told, however little waits and whoever it is (C4.8).
    @Suite struct WakeTests {
        /// Neither timer looks at the level by the way.
        private func patient(_ marks: Watermarks = .bytes) -> TransportConfiguration {
            var configuration = TransportConfiguration(marks: marks)
            configuration.idleTimeout = nil
            configuration.stallTimeout = nil
            return configuration
        }

        @Test("C6.3: finish hands over a single byte that waits for a full kernel")
        func finishBehindOneByte() async throws {
            var configuration = patient()
            configuration.finishDeadline = .seconds(5)
            try await Pair.with(.unix, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                let (size, read) = try await pair.writeUntilOneByteWaits { $0.transport.finish() }
                #expect(try await pair.peer.run { $0.readPattern(from: read) } == .init(bytes: size - read))
                pair.peer.close()
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test("C4.8: whoever is paused for a single byte is resumed")
        func pausedForOneByte() async throws {
            let configuration = patient(Watermarks(low: 0, high: entryOverhead))
            try await Pair.with(.unix, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                let (size, read) = try await pair.writeUntilOneByteWaits {
                    try $0.transport.registerProducer($0.producer)
                }
                #expect(
                    try await pair.peer.run { $0.readPattern(size - read, from: read) } == .init(bytes: size - read)
                )
                try await pair.untilNothingWaits()
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .resume])
            }
        }

        @Test("C4.8: marks that are lowered by the last byte that counts", arguments: SocketFamily.allCases)
        func marksOneByteBelow(family: SocketFamily) async throws {
            let configuration = patient(Watermarks(low: 100_000, high: 120_000))
            try await Pair.with(family, configuration, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                let size = 400_000
                try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(size)
                }
                var read = 0
                while try await pair.subject({ $0.producer.signals }) == [.pause] {
                    let offset = read
                    read += try await pair.peer.run { $0.readPattern(1000, from: offset).bytes }
                }
                try await pair.subject { rig in
                    let level = rig.transport.snapshot.level
                    #expect(level > 1000)
                    rig.transport.marks = Watermarks(low: level - 1, high: level - 1)
                    #expect(rig.producer.signals == [.pause, .resume, .pause])
                }
                let offset = read
                #expect(try await pair.peer.run { $0.readPattern(size - offset, from: offset).isIntact })
                try await pair.untilNothingWaits()
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .resume, .pause, .resume])
            }
        }

        @Test(
            "C4.8, C6.3: after any history nobody is left paused, and the end comes behind every byte",
            arguments: SocketFamily.allCases,
            1...12
        )
        func histories(family: SocketFamily, seed: Int) async throws {
            print("seed \(seed) on \(family)")
            var configuration = patient(Watermarks(low: 5000, high: 10_000))
            configuration.limit = nil
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                var random = Steps(state: UInt64(seed))
                var written = 0
                var read = 0
                let account = try await pair.subject { rig in
                    let account = Account(marks: Watermarks(low: 100, high: 20_000))
                    try rig.transport.registerProducer(rig.producer)
                    return NIOLoopBound(account, eventLoop: rig.transport.channel.eventLoop)
                }
                for _ in 1...80 {
                    let step = random.next(below: 10)
                    let size = random.next(below: 4) == 0 ? 1 : random.next(below: 10_000) + 1
                    let low = random.next(below: 20_000)
                    let high = low + random.next(below: 3) * 5000
                    let offset = written
                    let waits = try await pair.subject { rig in
                        switch step {
                        case 0...3: rig.write(size, from: offset)
                        case 4: rig.transport.marks = Watermarks(low: low, high: high)
                        case 5: rig.transport.add(account.value)
                        case 6: rig.transport.remove(account.value)
                        case 7:
                            rig.transport.unregisterProducer()
                            rig.producer.registeredAgain()
                            try rig.transport.registerProducer(rig.producer)
                        default: break
                        }
                        return rig.transport.bytesAccepted
                    }
                    if step <= 3 { written += size }
                    let most = min(waits - read, size)
                    let from = read
                    if step >= 6, most > 0 {
                        read += try await pair.peer.run { $0.readPattern(most, from: from).bytes }
                    }
                }
                // Little by little, so that the last marks are passed one by one.
                while read < written {
                    let (from, most) = (read, min(500, written - read))
                    #expect(try await pair.peer.run { $0.readPattern(most, from: from) } == .init(bytes: most))
                    read += most
                }
                try await pair.untilNothingWaits()
                try await pair.subject { rig in
                    #expect(rig.producer.state == .running)
                    #expect(rig.producer.violations == [])
                    #expect(rig.transport.snapshot.level == 0)
                    #expect(account.value.used == 0)
                    rig.transport.unregisterProducer()
                    rig.transport.finish()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 0))
                pair.peer.close()
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test("C4.1, C4.6: lowered marks are compared with the level as of now", arguments: SocketFamily.allCases)
        func loweredMarks(family: SocketFamily) async throws {
            let configuration = patient(Watermarks(low: 1000, high: 500_000))
            try await Pair.with(family, configuration, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                let size = 400_000
                try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(size)
                }
                _ = try await pair.peer.run { $0.readPattern(size / 4 * 3) }
                try await pair.subject.until { 1000 < $0.buffered && $0.buffered < 150_000 }
                try await pair.subject { $0.transport.marks = Watermarks(low: 1000, high: 200_000) }
                #expect(try await pair.subject { $0.producer.signals } == [])
            }
        }

        @Test(
            "C4.8: a producer that is held for want of credit is resumed when the kernel has taken enough",
            arguments: SocketFamily.allCases
        )
        func credit(family: SocketFamily) async throws {
            try await Pair.with(family, patient(), sendBuffer: 8192, receiveBuffer: 8192) { pair in
                let size = 400_000
                try await pair.subject { rig in
                    rig.transport.add(Account(marks: Watermarks(low: 1000, high: 50_000)))
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(size)
                }
                #expect(try await pair.subject { $0.producer.signals } == [.pause])
                #expect(try await pair.peer.run { $0.readPattern(size) } == .init(bytes: size))
                try await pair.untilNothingWaits()
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .resume])
            }
        }

        @Test(
            "C4.8: credit comes back from a transport whose producer has left, to whom it is shared with",
            arguments: SocketFamily.allCases
        )
        func creditOfAnother(family: SocketFamily) async throws {
            try await Pair.with(family, patient(), sendBuffer: 8192, receiveBuffer: 8192) { pair in
                let size = 400_000
                try await pair.subject { rig in
                    let account = Account(marks: Watermarks(low: 1000, high: 50_000))
                    rig.transport.add(account)
                    let first = StrictProducer()
                    try rig.transport.registerProducer(first)
                    let other = Buffer<ByteBuffer>(marks: .bytes, scheduler: rig.transport.scheduler)
                    other.add(account)
                    try other.registerProducer(rig.producer)
                    rig.onElement = { withExtendedLifetime(other) {} }
                    rig.write(size)
                }
                // What waits is known at the low mark of the one, and he has left by then.
                try await pair.subject { $0.transport.unregisterProducer() }
                #expect(try await pair.subject { $0.producer.signals } == [.pause])
                #expect(try await pair.peer.run { $0.readPattern(size) } == .init(bytes: size))
                try await pair.untilNothingWaits()
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .resume])
            }
        }
    }
}

/// Numbers that a seed decides.
private struct Steps {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}

extension Pair {
    /// Writes the pattern until the kernel is full and exactly one byte waits for it, does something about that at once, and
    /// answers how many bytes were written and how many of them the peer has read.
    func writeUntilOneByteWaits(
        _ then: @escaping @Sendable (Rig) throws -> Void
    ) async throws -> (written: Int, read: Int) {
        var size = try await writeUntilBlocked()
        var read = 0
        while try await subject({ $0.buffered }) > 0 {
            let offset = read
            read += try await peer.run { $0.readPattern(500, from: offset).bytes }
        }
        while true {
            let start = size
            size = try await subject { rig in
                var offset = start
                while rig.buffered == 0 {
                    rig.write(1, from: offset)
                    rig.transport.flush()
                    offset += 1
                }
                return offset
            }
            // The kernel may take it a moment later.
            try await subject.eventLoop.scheduleTask(in: .milliseconds(50)) {}.futureResult.get()
            let isDone = try await subject { rig in
                guard rig.buffered == 1 else { return false }
                try then(rig)
                return true
            }
            if isDone { return (size, read) }
        }
    }

    /// Waits until the channel holds nothing, and for what follows from that on later turns.
    func untilNothingWaits() async throws {
        try await subject.until { $0.buffered == 0 }
        for _ in 1...5 { try await subject.eventLoop.scheduleTask(in: .milliseconds(1)) {}.futureResult.get() }
    }
}
