import NIOCore
import NIOEmbedded
import Penstock
import PenstockTesting

@testable import PenstockNIO

/// A transport on a channel that somebody else made, with a scripted kernel at its head and virtual time.
enum ScriptedChannelSubject {
    private static let unit = 10

    static var suite: TransportSuite<ByteBuffer> {
        let weight = unit + entryOverhead
        let traits = TransportTraits(
            unit: unit,
            overhead: entryOverhead,
            slice: 2 * weight,
            // A channel that is no socket has no reset; it closes.
            tellsReset: false
        )
        return TransportSuite("a channel with a scripted kernel", traits: traits) { try make($0) }
    }

    private static func make(_ setup: TransportSetup) throws -> TransportUnderTest<ByteBuffer> {
        let loop = EmbeddedEventLoop()
        let head = ScriptedHead(window: setup.receiveWindow)
        let channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandler(head)
        let address = try SocketAddress(unixDomainSocketPath: "scripted")
        if setup.isConnected { channel.connect(to: address, promise: nil) }
        var configuration = TransportConfiguration(marks: setup.marks)
        configuration.limit = setup.limit
        configuration.allowsHalfClosure = setup.allowsHalfClosure
        configuration.linger = setup.linger
        configuration.idleTimeout = nil
        configuration.stallTimeout = nil
        var installed: ChannelTransport?
        try channel.installTransport(configuration: configuration) { installed = $0 }
        guard let transport = installed else { throw ChannelError.ioOnClosedChannel }
        if setup.isConnected { head.begin() }
        let connect: () async throws -> Void = { channel.connect(to: address, promise: nil) }
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
        var subject = TransportUnderTest(
            transport,
            clock: clock(loop, transport),
            peer: peer,
            element: { ByteBuffer(bytes: $0) },
            bytes: { Array($0.readableBytesView) }
        )
        let observer = SecondErrors()
        transport.observer = observer
        subject.onEnd = { transport.onEnd = $0 }
        subject.onInboundEnd = { transport.onInboundEnd = $0 }
        subject.onClose = { (tell: @escaping (EndReason) -> Void) in transport.onClose = { tell($0.end) } }
        subject.onSecondError = { observer.tell = $0 }
        subject.input = { .init(received: transport.bytesReceived, waiting: transport.inboundLevel) }
        subject.discarded = { transport.bytesDiscarded }
        subject.close = {
            transport.abort(.aborted)
            loop.advanceTime(by: .milliseconds(1))
        }
        return subject
    }

    /// The time of the embedded loop, which moves only when it is told to: virtual, so nothing is waited for twice.
    private static func clock(_ loop: EmbeddedEventLoop, _ transport: ChannelTransport) -> TrialClock {
        TrialClock(
            virtual: transport.scheduler,
            runTurn: { loop.advanceTime(by: .microseconds(1)) },
            // A later turn is a timer of a microsecond, and no chain of them in a check is longer.
            settle: { for _ in 0..<100 { loop.advanceTime(by: .microseconds(1)) } },
            advance: { loop.advanceTime(by: TimeAmount($0)) }
        )
    }
}
