import NIOCore
import NIOEmbedded
import Penstock
import PenstockTesting

@testable import PenstockNIO

/// A transport on a channel that somebody else made, with a scripted kernel at its head and virtual time.
final class ScriptedLine {
    private static let unit = 10

    let transport: ChannelTransport
    let head: ScriptedHead
    private let channel: EmbeddedChannel
    private let loop = EmbeddedEventLoop()

    init(_ configuration: TransportConfiguration, isConnected: Bool = true) throws {
        head = ScriptedHead(window: configuration.receiveWindow ?? .max)
        channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandler(head)
        var installed: ChannelTransport?
        try channel.installTransport(configuration: configuration) { installed = $0 }
        guard let installed else { throw ChannelError.ioOnClosedChannel }
        transport = installed
        if isConnected { try connect() }
    }

    func connect() throws {
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "scripted"), promise: nil)
    }

    func close() {
        transport.abort(.aborted)
        loop.advanceTime(by: .milliseconds(1))
    }

    /// The time of the embedded loop, which moves only when it is told to: virtual, so nothing is waited for twice.
    var clock: TrialClock {
        TrialClock(
            virtual: transport.scheduler,
            runTurn: { self.loop.advanceTime(by: .microseconds(1)) },
            settle: { self.settle() },
            advance: { self.loop.advanceTime(by: TimeAmount($0)) }
        )
    }

    /// Lets turns come until a hundred have brought no pause; a later turn is a timer of a microsecond.
    private func settle() {
        var pauses: Int
        repeat {
            pauses = transport.snapshot.pauses
            for _ in 0..<100 { loop.advanceTime(by: .microseconds(1)) }
        } while transport.snapshot.pauses > pauses
    }

    /// Has the kernel take slices until this much has gone, and answers how much it was.
    func take(_ weight: Int) -> Int {
        // What was written is flushed at the end of the turn.
        loop.run()
        let before = gone
        while gone - before < weight, head.takeSlice() {}
        return gone - before
    }

    /// The weight that has gone; more may be written in the signals that this brings.
    private var gone: Int {
        let snapshot = transport.snapshot
        return snapshot.delivery.accepted.weight - snapshot.delivery.dropped.weight - snapshot.level
    }

    // MARK: Under the suites

    static func transport(_ name: String) -> TransportSuite<ByteBuffer> {
        let weight = unit + entryOverhead
        let traits = TransportTraits(
            unit: unit,
            overhead: entryOverhead,
            slice: 2 * weight,
            // A channel that is no socket has no reset; it closes.
            tellsReset: false
        )
        return TransportSuite(name, traits: traits) { setup in
            let line = try ScriptedLine(TransportConfiguration(setup), isConnected: setup.isConnected)
            let head = line.head
            let connect: () async throws -> Void = { try line.connect() }
            let peer = TransportPeer(
                connect: setup.isConnected ? nil : connect,
                send: { head.give($0) },
                finish: { head.finish() },
                reset: { head.reset() },
                take: { head.allow($0) },
                received: { head.sent },
                taken: { head.sent.count },
                writeEnd: { head.writeEnd }
            )
            var subject = TransportUnderTest(line.transport, clock: line.clock, peer: peer)
            subject.close = { line.close() }
            return subject
        }
    }

    static func consumer(_ name: String) -> ConsumerSuite<ByteBuffer> {
        let marks = Watermarks(low: 400, high: 800)
        let options = KitOptions(randomOrders: 20, recursions: 500)
        return ConsumerSuite(name, marks: marks, options: options) { marks in
            let line = try ScriptedLine(TransportConfiguration(untimed: marks), isConnected: false)
            var subject = ConsumerUnderTest(
                line.transport,
                clock: line.clock,
                output: { line.head.sent },
                draining: .exact { line.take($0) }
            )
            // An embedded channel that cannot be connected shows by what does not come out.
            subject.connect = { try? line.connect() }
            subject.lose = {
                line.head.reset()
                line.loop.run()
            }
            subject.close = { line.close() }
            return subject
        }
    }

    static func producer(_ name: String) -> ProducerSuite<ByteBuffer> {
        func make(_ end: (ScriptedHead) -> Void) throws -> ProducerFixture<ByteBuffer> {
            let line = try ScriptedLine(TransportConfiguration(untimed: .bytes))
            for piece in Pieces.all { _ = line.head.give(Array(piece.readableBytesView)) }
            end(line.head)
            // Each turn takes a microsecond, so durations are not what the suite expects of virtual time.
            let clock = line.clock
            let paced = TrialClock(
                real: clock.scheduler,
                runTurn: clock.runTurn,
                settle: clock.settle,
                advance: clock.advance
            )
            return Pieces.fixture(line.transport, clock: paced) { line.close() }
        }
        var subject = ProducerUnderTest<ByteBuffer>(name, kind: .push) { try make { $0.finish() } }
        subject.makeFailing = {
            var fixture = try make { $0.reset() }
            fixture.isFailure = { ($0 as? EndReason)?.code == .lost || $0 is IOError }
            return fixture
        }
        return ProducerSuite(subject, options: KitOptions(randomOrders: 20))
    }
}
