import NIOCore
import Penstock
import PenstockTesting

@testable import PenstockNIO

/// What the producers of bytes under test have to produce: twelve elements.
enum Pieces {
    /// A power of two, as NIO rounds up the size of a read to one.
    static let size = 128

    static let all = cut((0..<12 * size).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 >> 8) })

    static func cut(_ bytes: [UInt8]) -> [ByteBuffer] {
        stride(from: 0, to: bytes.count, by: size).map { ByteBuffer(bytes: bytes[$0..<min($0 + size, bytes.count)]) }
    }

    /// A fixture around a source of these bytes.
    static func fixture(
        _ source: any Source<ByteBuffer>,
        expected: [ByteBuffer] = all,
        clock: TrialClock,
        close: @escaping () async -> Void
    ) -> ProducerFixture<ByteBuffer> {
        var fixture = ProducerFixture(source, expected: expected, clock: clock)
        fixture.weight = { $0.weight }
        fixture.describe = { "\($0.readableBytes)" }
        // The channel holds its transport until it is closed.
        fixture.object = nil
        fixture.close = close
        return fixture
    }
}

extension ConsumerUnderTest<ByteBuffer> {
    /// A transport as a consumer of bytes.
    init(_ transport: ChannelTransport, clock: TrialClock, output: @escaping () -> [UInt8], draining: Draining) {
        self.init(
            transport,
            clock: clock,
            element: { ByteBuffer(repeating: UInt8($1 % 251), count: $0 - entryOverhead) },
            content: { $0.readableBytesView.map(Int.init) },
            output: { output().map(Int.init) },
            draining: draining
        )
        leastWeight = entryOverhead + 1
        empty = { ByteBuffer() }
        // Not the gate's own: on our own channels the low mark is also one of NIO's.
        setMarks = { transport.marks = $0 }
        finishWithin = { transport.finish(within: $0) }
    }
}

extension TransportUnderTest<ByteBuffer> {
    /// A transport with everything that it tells.
    init(_ transport: ChannelTransport, clock: TrialClock, peer: TransportPeer) {
        self.init(
            transport,
            clock: clock,
            peer: peer,
            element: { ByteBuffer(bytes: $0) },
            bytes: { Array($0.readableBytesView) }
        )
        let observer = SecondErrors()
        transport.observer = observer
        onEnd = { transport.onEnd = $0 }
        onInboundEnd = { transport.onInboundEnd = $0 }
        onClose = { (tell: @escaping (EndReason) -> Void) in transport.onClose = { tell($0.end) } }
        onSecondError = { observer.tell = $0 }
        input = { .init(received: transport.bytesReceived, waiting: transport.inboundLevel) }
        discarded = { transport.bytesDiscarded }
    }
}
