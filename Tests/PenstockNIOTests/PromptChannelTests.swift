import NIOCore
import NIOEmbedded
import Penstock
import PenstockTesting
import Testing

@testable import PenstockNIO

/// Channels of others whose handlers complete a write before it returns, or long after the flush.
@Suite struct PromptChannelTests {
    /// What somebody else's handler does with a write.
    enum Habit: CaseIterable, Sendable {
        case flushes, promises, refuses
    }

    private final class Prompt: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        private let habit: Habit

        init(_ habit: Habit) { self.habit = habit }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            switch habit {
            case .flushes: context.writeAndFlush(data, promise: promise)
            case .promises:
                context.write(data, promise: nil)
                promise?.succeed(())
            case .refuses: promise?.fail(ChannelError.operationUnsupported)
            }
        }
    }

    private let loop = EmbeddedEventLoop()
    private let channel: EmbeddedChannel

    init() { channel = EmbeddedChannel(loop: loop) }

    private func transport(
        behind handler: any ChannelHandler,
        _ configuration: TransportConfiguration = TransportConfiguration(),
        connects: Bool = true
    ) throws -> ChannelTransport {
        try channel.pipeline.syncOperations.addHandler(handler)
        var lent: ChannelTransport?
        try channel.installTransport(configuration: configuration) { lent = $0 }
        if connects { try connect() }
        return try #require(lent)
    }

    private func connect() throws {
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        loop.run()
    }

    private func sent() throws -> ByteBuffer {
        var all = ByteBuffer()
        while let part = try channel.readOutbound(as: ByteBuffer.self) { all.writeImmutableBuffer(part) }
        return all
    }

    @Test(
        "C3.7, C4.6: what is taken inside the write is counted, and nobody's bytes come between its slices",
        arguments: [Habit.flushes, .promises],
        [false, true]
    )
    func takenInside(habit: Habit, asSequence: Bool) throws {
        let transport = try transport(behind: Prompt(habit))
        let producer = PullRecorder()
        var offset = 0
        producer.answer = { _ in
            guard offset < 400_000 else { return }
            let start = offset
            offset += 100_000
            if asSequence {
                let pieces = stride(from: start, to: start + 100_000, by: 25_000)
                transport.write(contentsOf: pieces.map { Pattern.bytes(25_000, from: $0) })
            } else {
                transport.write(Pattern.bytes(100_000, from: start))
            }
        }
        try transport.registerProducer(producer)
        for _ in 1...10 {
            loop.run()
            loop.advanceTime(by: .milliseconds(1))
        }
        let all = try sent()
        #expect(all.readableBytes == 400_000)
        #expect(Pattern.matches(all, from: 0))
        #expect(transport.snapshot.level == 0)
        #expect(transport.bytesSent == 400_000)
        #expect(producer.questions == 5)
        transport.abort(.cancelled)
        loop.run()
    }

    @Test("C1.4, C3.7: the same for what was written before the connection", arguments: [Habit.flushes, .promises])
    func takenWhileConnecting(habit: Habit) throws {
        let transport = try transport(behind: Prompt(habit), connects: false)
        let producer = StrictProducer()
        try transport.registerProducer(producer)
        var isFirst = true
        producer.onResume = {
            if isFirst { transport.write(Pattern.bytes(100_000, from: 200_000)) }
            isFirst = false
        }
        transport.write(Pattern.bytes(100_000))
        transport.write(Pattern.bytes(100_000, from: 100_000))
        #expect(producer.signals == [.pause])
        try connect()
        for _ in 1...10 {
            loop.run()
            loop.advanceTime(by: .milliseconds(1))
        }
        let all = try sent()
        #expect(all.readableBytes == 300_000)
        #expect(Pattern.matches(all, from: 0))
        #expect(transport.snapshot.level == 0)
        transport.abort(.cancelled)
        loop.run()
    }

    @Test("C6.2: what is refused inside the write ends the stream, and is counted", arguments: [false, true])
    func refusedInside(asSequence: Bool) throws {
        let transport = try transport(behind: Prompt(.refuses))
        let outcome =
            asSequence
            ? transport.write(contentsOf: Pattern.chunks(100_000, of: 30_000))
            : transport.write(Pattern.bytes(100_000))
        #expect(outcome == .closed)
        loop.run()
        let snapshot = transport.snapshot
        #expect(snapshot.phase == .ended)
        #expect(snapshot.level == 0)
        #expect(snapshot.delivery.accepted == snapshot.delivery.dropped)
        #expect(transport.bytesSent == 0)
    }

    @Test("A peer that has taken everything is not stalled, however long nothing more is written")
    func takenAfterTheFlush() throws {
        var configuration = TransportConfiguration()
        configuration.idleTimeout = nil
        let head = ScriptedHead(window: 1000)
        let transport = try transport(behind: head, configuration)
        transport.write(Pattern.bytes(1000))
        loop.run()
        #expect(transport.snapshot.level > 0)
        head.allow(1000)
        #expect(transport.snapshot.level == 0)
        for _ in 1...10 { loop.advanceTime(by: .seconds(60)) }
        #expect(transport.snapshot.phase == .open)
        transport.abort(.cancelled)
        loop.run()
    }
}
