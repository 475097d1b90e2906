import NIOCore
import Penstock
import PenstockNIO
import PenstockTesting
import Testing

extension Sockets {
    @Suite struct PushTests {
        private let configuration = TransportConfiguration(marks: Watermarks(low: 250, high: 500))

        @Test("B34, C1.6: registering a push producer calls nothing", arguments: SocketFamily.allCases)
        func registration(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let signals = try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    return rig.producer.signals
                }
                #expect(signals == [])
            }
        }

        @Test(
            "B35, B39, C3.5, C4.1: one pause for a sequence and all that follows, one resume",
            arguments: SocketFamily.allCases
        )
        func sequence(family: SocketFamily) async throws {
            try await Pair.with(family, configuration) { pair in
                let (outcomes, signals) = try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    let outcomes = [
                        rig.transport.write(contentsOf: Pattern.chunks(1000, of: 50)),
                        rig.write(50, from: 1000),
                        rig.write(50, from: 1050),
                    ]
                    return (outcomes, rig.producer.signals)
                }
                #expect(outcomes == [.full, .full, .full])
                #expect(signals == [.pause])
                #expect(try await pair.peer.run { $0.readPattern(1100) }.isIntact)
                try await pair.subject.until { $0.producer.signals.count > 1 }
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .resume])
            }
        }

        @Test(
            "B36, C4.4: a refill inside each resume gives resume, then pause, for ever",
            arguments: SocketFamily.allCases
        )
        func refillInsideResume(family: SocketFamily) async throws {
            let size = 2000
            let rounds = 500
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    var written = 0
                    rig.producer.onResume = {
                        rig.write(size, from: written)
                        written += size
                        guard written == size * rounds else { return }
                        rig.producer.onResume = nil
                        rig.transport.unregisterProducer()
                        rig.producer.unregistered()
                        rig.transport.finish()
                    }
                    try rig.transport.registerProducer(rig.producer)
                    rig.producer.onResume?()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size * rounds))
                pair.peer.close()
                let (signals, violations) = try await pair.subject { ($0.producer.signals, $0.producer.violations) }
                #expect(violations == [])
                #expect(signals.count == 2 * rounds - 1)
                #expect(signals.enumerated().allSatisfy { $0.element == ($0.offset % 2 == 0 ? .pause : .resume) })
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test("B38, C2.2: unregistering inside pause ends all callbacks", arguments: SocketFamily.allCases)
        func unregisterInsidePause(family: SocketFamily) async throws {
            try await Pair.with(family, configuration) { pair in
                try await pair.subject { rig in
                    rig.producer.onPause = {
                        rig.transport.unregisterProducer()
                        rig.producer.unregistered()
                    }
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(1000)
                    rig.transport.finish()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 1000))
                pair.peer.close()
                _ = await pair.closed.wait()
                #expect(try await pair.subject { $0.producer.signals } == [.pause])
            }
        }

        @Test(
            "B40, C4.3, C10.2: fill, drain and close call a strict producer legally, and the peak is bounded",
            arguments: SocketFamily.allCases
        )
        func strictProducer(family: SocketFamily) async throws {
            let size = 4 << 20
            let configuration = TransportConfiguration(marks: Watermarks(low: 10_000, high: 20_000))
            try await Pair.with(family, configuration, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                try await pair.subject { rig in
                    let loop = PushLoop(rig, total: size, element: 3000)
                    try rig.transport.registerProducer(rig.producer)
                    loop.run()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
                pair.peer.close()
                #expect(await pair.closed.wait().end.isOrderly)
                let (violations, snapshot) = try await pair.subject { ($0.producer.violations, $0.transport.snapshot) }
                #expect(violations == [])
                #expect(snapshot.pauses > 0)
                #expect(snapshot.peak > configuration.marks.high)
                #expect(snapshot.peak <= configuration.marks.high + 3000 + entryOverhead)
                #expect(snapshot.delivery.isComplete)
            }
        }

        @Test(
            "B41, C6.1, C6.2: lost while paused: one stop, before the owner is told, and no resume",
            arguments: SocketFamily.allCases
        )
        func lostWhilePaused(family: SocketFamily) async throws {
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(1_000_000)
                    let before = openSockets()
                    rig.transport.onEnd = { [log = rig] reason, delivery in
                        log.log.append("end \(reason.code), dropped \(delivery.dropped.elements)")
                        if !before.isSubset(of: openSockets()) { log.log.append("descriptor is closed") }
                    }
                    rig.producer.onStop = { reason in
                        rig.log.append("stop \(reason.code)")
                        rig.log.append("slot is \(rig.transport.snapshot.kind), \(rig.transport.snapshot.phase)")
                    }
                }
                pair.peer.reset()
                let report = await pair.closed.wait()
                #expect(report.end.code == .lost)
                #expect(report.bytesDropped > 0)
                let (signals, log) = try await pair.subject { ($0.producer.signals, $0.log) }
                #expect(signals == [.pause, .stop])
                let told = log.filter { !$0.hasPrefix("inbound") }
                #expect(
                    told.prefix(4) == [
                        "stop lost", "slot is none, ended", "end lost, dropped 1", "descriptor is closed",
                    ]
                )
                #expect(told.last == "close lost")
            }
        }

        @Test("C10.3: a writer that does not obey meets the hard limit", arguments: SocketFamily.allCases)
        func overflow(family: SocketFamily) async throws {
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                let (outcomes, ended) = try await pair.subject { rig in
                    // One element, however heavy, never meets the limit by itself.
                    let first = rig.write(2_000_000)
                    let second = rig.write(1)
                    return ([first, second], rig.ended.value?.code)
                }
                #expect(outcomes == [.full, .closed])
                #expect(ended == nil)
                let reason = await pair.ended.wait()
                #expect(reason.code == .overflow)
                #expect(reason.detail?.contains("\(64 * 500)") == true)
                #expect(await pair.closed.wait().end.code == .overflow)
            }
        }
    }
}

/// Writes the pattern in elements of one size while it is not paused, then finishes; driven by a rig's strict producer.
final class PushLoop {
    private let rig: Rig
    private let total: Int
    private let element: Int
    private(set) var written = 0

    init(_ rig: Rig, total: Int, element: Int) {
        self.rig = rig
        self.total = total
        self.element = element
        rig.producer.onResume = { self.run() }
    }

    func run() {
        while rig.producer.state == .running, written < total {
            let count = min(element, total - written)
            rig.write(count, from: written)
            written += count
        }
        guard written == total, rig.producer.state != .over else { return }
        rig.producer.onResume = nil
        rig.transport.unregisterProducer()
        rig.producer.unregistered()
        rig.transport.finish()
    }
}
