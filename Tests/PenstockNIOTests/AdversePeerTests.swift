import NIOCore
import Penstock
import PenstockNIO
import PenstockTesting
import Testing

extension Sockets {
    @Suite struct AdversePeerTests {
        @Test(
            "a peer that takes nothing meets the stall timeout, which says how many bytes waited and how long",
            arguments: SocketFamily.allCases
        )
        func stall(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.stallTimeout = .milliseconds(80)
            configuration.idleTimeout = nil
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(1_000_000)
                }
                let report = await pair.closed.wait()
                #expect(report.end.code == .timedOut)
                #expect(report.end.detail?.contains("\(report.bytesDropped) bytes") == true)
                #expect(report.end.detail?.contains("0.08") == true)
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .stop])
            }
        }

        @Test(
            "a peer that takes a little now and then does not meet the stall timeout",
            arguments: SocketFamily.allCases
        )
        func slowButAlive(family: SocketFamily) async throws {
            let size = 600_000
            var configuration = TransportConfiguration()
            configuration.stallTimeout = .seconds(2)
            configuration.idleTimeout = nil
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    rig.write(size)
                    rig.transport.finish()
                }
                // Longer than the timeout, all together, and each step far shorter, also on a busy machine.
                for step in 0..<30 {
                    try await pair.subject.eventLoop.scheduleTask(in: .milliseconds(100)) {}.futureResult.get()
                    #expect(
                        try await pair.peer.run { $0.readPattern(20_000, from: step * 20_000) } == .init(bytes: 20_000)
                    )
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 0))
                pair.peer.close()
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test("a peer that says and takes nothing meets the idle timeout", arguments: SocketFamily.allCases)
        func idle(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.idleTimeout = .milliseconds(60)
            try await Pair.with(family, configuration) { pair in
                try await pair.subject { try $0.receive() }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(10)) }
                let report = await pair.closed.wait()
                #expect(report.end.code == .timedOut)
                #expect(report.end.detail?.contains("0.06") == true)
                #expect(await pair.received.wait().end.code == .timedOut)
                #expect(await pair.inboundEnded.wait().code == .timedOut)
            }
        }

        @Test(
            "timeouts that are turned off do not fire, and those that are on live through activity",
            arguments: SocketFamily.allCases
        )
        func noTimeouts(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.stallTimeout = nil
            configuration.idleTimeout = nil
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { $0.write(1_000_000) }
                try await pair.subject.eventLoop.scheduleTask(in: .milliseconds(150)) {}.futureResult.get()
                #expect(pair.closed.value == nil)
            }
        }

        @Test(
            "C6.1, C7.3: a peer that resets in the middle is a loss that says how much was left",
            arguments: SocketFamily.allCases
        )
        func reset(family: SocketFamily) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(2_000_000)
                }
                #expect(try await pair.peer.run { $0.readPattern(100_000) }.isIntact)
                pair.peer.reset()
                let report = await pair.closed.wait()
                #expect(report.end.code == .lost)
                #expect(report.end.detail?.contains("\(report.bytesDropped) accepted bytes") == true)
                #expect(await pair.received.wait().end.code == .lost)
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .stop])
            }
        }

        @Test(
            "C6.3: a peer that leaves all input unread and closes late still gets everything",
            arguments: SocketFamily.allCases
        )
        func unreadOnBothSides(family: SocketFamily) async throws {
            let size = 1 << 20
            try await Pair.with(family) { pair in
                // Our side never reads either: it is paused from the beginning.
                try await pair.subject { rig in
                    try rig.receive()
                    rig.transport.pauseProducing()
                    rig.write(size)
                }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(150_000)) }
                try await pair.subject { $0.transport.finish() }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
                pair.peer.close()
                let report = await pair.closed.wait()
                #expect(report.end.isOrderly)
                #expect(report.bytesDiscarded == 150_000)
            }
        }

        @Test(
            "C6.3: a peer that floods for ever does not keep a finished connection open",
            arguments: SocketFamily.allCases
        )
        func endlessFlood(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.linger = .milliseconds(50)
            try await Pair.with(family, configuration) { pair in
                async let flooded = pair.peer.run { peer in
                    var count = 0
                    while true {
                        let more = peer.write(Pattern.bytes(1 << 16))
                        count += more
                        if more < 1 << 16 { return count }
                    }
                }
                try await pair.subject { rig in
                    rig.write(1000)
                    rig.transport.finish()
                }
                #expect(await pair.closed.wait().end.isOrderly)
                #expect(try await flooded > 0)
            }
        }

        @Test("a peer that half-closes while it is flooded gets everything", arguments: SocketFamily.allCases)
        func halfCloseUnderLoad(family: SocketFamily) async throws {
            let size = 4 << 20
            try await Pair.with(family, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    let loop = PushLoop(rig, total: size, element: 10_000)
                    try rig.transport.registerProducer(rig.producer)
                    loop.run()
                }
                pair.peer.finishWriting()
                #expect(await pair.inboundEnded.wait().isOrderly)
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
                pair.peer.close()
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test("a peer that sends and takes nothing meets the stall timeout", arguments: SocketFamily.allCases)
        func stalledWhileSending(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.stallTimeout = .milliseconds(300)
            try await Pair.with(family, configuration, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    rig.write(2_000_000)
                }
                for _ in 0..<1000 where pair.closed.value == nil {
                    try await pair.peer.run { _ = $0.write("x") }
                    try await pair.subject.eventLoop.scheduleTask(in: .milliseconds(20)) {}.futureResult.get()
                }
                #expect(pair.closed.value?.end.code == .timedOut)
            }
        }
    }
}
