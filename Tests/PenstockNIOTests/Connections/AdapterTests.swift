import NIOCore
import NIOPosix
import Penstock
import Testing

@testable import PenstockNIO

extension Sockets {
    /// Channels that somebody else made, with elements of their codecs.
    @Suite struct AdapterTests {
        private static let lines = 20_000

        private static func text(_ range: Range<Int>) -> String { range.map { "line \($0)\n" }.joined() }

        @Test(
            "elements of a codec are echoed, each side at the pace of the other, and the peak is the mark and one element"
        )
        func elements() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let closed = Signal<(end: EndReason, delivery: Delivery, peak: Int)>()
            let address = try SocketFamily.unix.freshAddress()
            let server = try await ServerBootstrap(group: loop)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelOption(.socketOption(.so_sndbuf), value: 4096)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(
                            ByteToMessageHandler(LineDecoder()),
                            MessageToByteHandler(LineEncoder())
                        )
                        try channel.installElements(
                            of: String.self,
                            String.self,
                            marks: Watermarks(low: 500, high: 1000),
                            weight: { $0.utf8.count }
                        ) { elements in
                            elements.onEnd = { end, delivery in
                                closed.tell((end, delivery, elements.snapshot.peak))
                            }
                            try elements.attach(to: elements)
                        }
                    }
                }
                .bind(to: #require(address.socketAddress)).get()
            let peer = try await RawSocket.connect(to: address, receiveBuffer: 4096)
            let text = Self.text(0..<Self.lines)
            async let sent: Void = peer.run { peer in
                peer.write(text)
                peer.finishWriting()
            }
            // Late, so that the server is paused.
            try await peer.run { $0.waitForInput() }
            #expect(try await peer.run { $0.readText(text.utf8.count + 1) } == text)
            try await sent
            let (end, delivery, peak) = await closed.wait()
            #expect(end.isOrderly)
            #expect(delivery.accepted == Delivery.Amount(elements: Self.lines, weight: text.utf8.count - Self.lines))
            #expect(delivery.isComplete)
            #expect(peak > 1000)
            #expect(peak <= 1000 + "line 20000".utf8.count)
            peer.close()
            try await server.close()
        }

        @Test("a codec's channel that is lost stops the producer, and says what was dropped")
        func loss() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let ended = Signal<(end: EndReason, delivery: Delivery)>()
            let produced = Signal<EndReason>()
            let server = try await ServerBootstrap(group: loop)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(MessageToByteHandler(LineEncoder()))
                        try channel.installElements(of: ByteBuffer.self, String.self, weight: { $0.utf8.count }) {
                            elements in
                            elements.onEnd = { ended.tell(($0, $1)) }
                            let endless = (0...).lazy.map { "line \($0)" }
                            try SequenceSource(endless, scheduler: elements.scheduler).attach(to: elements) {
                                produced.tell($0.end)
                            }
                        }
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let peer = try await RawSocket.connect(to: #require(StreamAddress(server.localAddress)))
            #expect(try await peer.run { $0.readText(14) } == "line 0\nline 1\n")
            peer.reset()
            let (end, delivery) = await ended.wait()
            #expect(end.code == .lost)
            #expect(delivery.accepted.elements > 2)
            #expect(await !produced.wait().isOrderly)
            try await server.close()
        }

        @Test("a buffer is written to an asynchronous channel, at its pace")
        func asyncChannel() async throws {
            let address = try SocketFamily.unix.freshAddress()
            let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(to: #require(address.socketAddress)) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true)
                        )
                    }
                }
            async let received: RawSocket.Tail = {
                let peer = try await RawSocket.connect(to: address, receiveBuffer: 4096)
                try await peer.run { $0.waitForInput() }
                let tail = try await peer.run { $0.readPattern() }
                peer.close()
                return tail
            }()
            let peak = try await server.executeThenClose { connections in
                for try await connection in connections {
                    return try await connection.executeThenClose { inbound, outbound in
                        let peak = try await Archive().drain(2_000_000, into: outbound)
                        outbound.finish()
                        for try await _ in inbound {}
                        return peak
                    }
                }
                return 0
            }
            #expect(try await received == RawSocket.Tail(bytes: 2_000_000))
            #expect(peak > 0)
            #expect(peak <= Watermarks.bytes.low + 10_064)
        }
    }
}

/// Produces on an event loop of its own.
private actor Archive {
    let eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    func drain(_ size: Int, into writer: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws -> Int {
        let scheduler = EventLoopScheduler.current(on: eventLoop)
        let buffer = Buffer<ByteBuffer>(marks: .bytes, scheduler: scheduler)
        try SequenceSource(Pattern.chunks(size, of: 10_000), scheduler: scheduler).attach(to: buffer)
        try await buffer.drain(into: writer)
        return buffer.snapshot.peak
    }
}

private struct LineDecoder: ByteToMessageDecoder {
    typealias InboundOut = String

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let length = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return .needMoreData }
        let line = buffer.readString(length: length - buffer.readerIndex) ?? ""
        buffer.moveReaderIndex(forwardBy: 1)
        context.fireChannelRead(NIOAny(line))
        return .continue
    }
}

private struct LineEncoder: MessageToByteEncoder {
    typealias OutboundIn = String

    func encode(data: String, out: inout ByteBuffer) throws {
        out.writeString(data)
        out.writeString("\n")
    }
}
