import NIOCore
import NIOEmbedded
import Penstock
import PenstockNIO
import PenstockTesting
import Testing

/// A transport on the channel and the loop that NIO has for tests: no socket, no thread, and time that a test moves.
@Suite struct EmbeddedChannelTests {
    private let loop = EmbeddedEventLoop()
    private let channel: EmbeddedChannel
    private let transport: ChannelTransport

    init() throws {
        channel = EmbeddedChannel(loop: loop)
        var lent: ChannelTransport?
        try channel.installTransport { lent = $0 }
        transport = try #require(lent)
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

    @Test("C1.4: what is written before the channel is connected goes out afterwards")
    func connecting() throws {
        #expect(transport.snapshot.phase == .connecting)
        transport.write(ByteBuffer(string: "early "))
        loop.run()
        #expect(try sent().readableBytes == 0)
        try connect()
        #expect(transport.snapshot.phase == .open)
        transport.write(ByteBuffer(string: "and late"))
        loop.run()
        #expect(String(buffer: try sent()) == "early and late")
        #expect(transport.bytesSent == 14)
        transport.abort(.cancelled)
        loop.run()
    }

    @Test(
        "C4.1, C4.2: a push producer is paused above the high mark, and resumed once the channel has taken all"
    )
    func signals() throws {
        try connect()
        let producer = StrictProducer()
        try transport.registerProducer(producer)
        #expect(transport.write(Pattern.bytes(100_000)) == .full)
        #expect(producer.signals == [.pause])
        loop.run()
        loop.advanceTime(by: .milliseconds(1))
        #expect(producer.signals == [.pause, .resume])
        #expect(transport.snapshot.level == 0)
        #expect(Pattern.matches(try sent(), from: 0))
        transport.abort(.cancelled)
        #expect(producer.signals == [.pause, .resume, .stop])
        #expect(producer.violations == [])
        loop.run()
    }

    @Test("C7.1, C7.5: what comes in waits for a consumer, and for a resume")
    func inbound() throws {
        try connect()
        try channel.writeInbound(ByteBuffer(string: "one "))
        #expect(transport.inboundLevel == 4)
        let collector = Collector<ByteBuffer>(cap: 1000, scheduler: transport.scheduler)
        try transport.attach(to: collector)
        #expect(collector.elements.map { String(buffer: $0) } == ["one "])
        collector.hold()
        try channel.writeInbound(ByteBuffer(string: "two"))
        #expect(collector.elements.count == 1)
        collector.release()
        loop.run()
        #expect(collector.elements.map { String(buffer: $0) } == ["one ", "two"])
        transport.abort(.cancelled)
        loop.run()
    }

    @Test("C6.3, C6.9: a graceful end hands everything over, and is told when the channel is closed")
    func finish() throws {
        try connect()
        var told: [String] = []
        transport.onEnd = { reason, delivery in told.append("end \(reason.code), \(delivery.accepted.elements)") }
        transport.onClose = { told.append("close \($0.end.code), \($0.bytesSent)") }
        transport.write(ByteBuffer(string: "last words"))
        transport.finish()
        loop.run()
        #expect(String(buffer: try sent()) == "last words")
        #expect(told.first == "end finished, 1")
        // Nobody finishes the other side of such a channel: the linger passes.
        loop.advanceTime(by: .seconds(5))
        #expect(told == ["end finished, 1", "close finished, 10"])
        #expect(!channel.isActive)
    }

    @Test("C6.1, C6.2: a channel that closes by itself stops the producer and tells the loss")
    func loss() throws {
        try connect()
        let producer = StrictProducer()
        try transport.registerProducer(producer)
        var told: [EndReason.Code] = []
        transport.onClose = { told.append($0.end.code) }
        channel.close(promise: nil)
        loop.run()
        #expect(producer.signals == [.stop])
        #expect(told == [.lost])
    }
}
