import NIOCore
import NIOPosix
import Penstock
import PenstockNIO
import PenstockTesting
import Synchronization
import Testing

extension Sockets {
    @Suite struct ReleaseTests {
        /// The ways in which a connection ends.
        enum Ending: CaseIterable, Sendable {
            case peerResets, peerCloses, finish, finishWriting, abort, fail, stalledFinish, shutdown
        }

        @Test(
            "C1.9, C6.2: after any end nothing keeps the transport, its producer or its consumer",
            arguments: SocketFamily.allCases,
            Ending.allCases
        )
        func released(family: SocketFamily, ending: Ending) async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let before = openDescriptors()
            let remains = try await OnLoop.on(loop) { _ in Remains() }
            let server = try await StreamServer.bind(to: family.freshAddress(), on: loop)
            let served = Signal<Void>()
            server.serve { transport in
                let producer = StrictProducer()
                let sink = NullConsumer<ByteBuffer>(scheduler: transport.scheduler)
                transport.onEnd = { _, _ in _ = transport }
                transport.onInboundEnd = { _ in _ = transport }
                transport.onClose = { _ in _ = (transport, producer, sink) }
                try? transport.attach(to: sink)
                try? transport.registerProducer(producer)
                transport.write(Pattern.bytes(200_000))
                remains.visit {
                    $0.remember("transport", transport)
                    $0.remember("producer", producer)
                    $0.remember("sink", sink)
                }
                switch ending {
                case .peerResets, .peerCloses, .shutdown: break
                case .finish:
                    transport.finish()
                    transport.unregisterProducer()
                case .finishWriting:
                    transport.finishWriting()
                    transport.unregisterProducer()
                case .abort: transport.abort(.cancelled)
                case .fail: transport.fail(ChannelError.eof)
                case .stalledFinish: transport.finish(within: .milliseconds(20))
                }
                served.tell()
            }
            let peer = try await RawSocket.connect(to: server.address)
            await served.wait()
            switch ending {
            case .peerResets: peer.reset()
            case .peerCloses: peer.close()
            case .shutdown: await server.shutdown(within: .milliseconds(20))
            case .finish, .finishWriting, .fail, .abort, .stalledFinish:
                _ = try await peer.run { $0.readPattern() }
                peer.close()
            }
            try await remains.until { $0.alive.isEmpty }
            #expect(try await remains { $0.count } == 3)
            peer.close()
            await server.shutdown()
            try await remains.until { _ in openDescriptors() <= before }
        }

        @Test("a finished relay keeps neither of its transports")
        func relay() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let remains = try await OnLoop.on(loop) { _ in Remains() }
            let (listener, address) = try RawSocket.listen(on: SocketFamily.unix.freshAddress())
            let server = try await StreamServer.bind(to: SocketFamily.unix.freshAddress(), on: loop)
            let reported = Signal<Void>()
            server.serve { front in
                remains.visit { $0.remember("front", front) }
                StreamClient.connect(to: address, on: front.channel.eventLoop) { result in
                    guard case .success(let back) = result else { return }
                    remains.visit { $0.remember("back", back) }
                    Relay.join(front, back) { _ in reported.tell() }
                }
            }
            let front = try await RawSocket.connect(to: server.address)
            let back = try await listener.accept()
            try await front.run { _ = $0.write(Pattern.bytes(1000)) }
            #expect(try await back.run { $0.readPattern(1000) }.isIntact)
            front.close()
            back.close()
            await reported.wait()
            try await remains.until { $0.alive.isEmpty }
            #expect(try await remains { $0.count } == 2)
            await server.shutdown()
        }

        @Test("10,000 connections leave no descriptor and no object behind")
        func tenThousand() async throws {
            raiseDescriptorLimit()
            let batches = 50
            let batch = 200
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let before = openDescriptors()
            let remains = try await OnLoop.on(loop) { _ in Remains() }
            // Every tenth is a TCP connection that ends by a reset, so that no port is left waiting.
            let unix = try await StreamServer.bind(to: SocketFamily.unix.freshAddress(), on: loop)
            let tcp = try await StreamServer.bind(to: SocketFamily.tcp.freshAddress(), on: loop)
            for server in [unix, tcp] {
                server.serve { transport in
                    let sink = NullConsumer<ByteBuffer>(scheduler: transport.scheduler)
                    let isFromPeer = remains.visit { remains in
                        remains.remember("transport", transport)
                        remains.remember("sink", sink)
                        return remains.count % 4 == 0
                    }
                    try? transport.attach(to: sink, atEnd: .finish) { _ in transport.finish() }
                    let source = SequenceSource(CollectionOfOne(Pattern.bytes(100)), scheduler: transport.scheduler)
                    try? source.attach(to: transport, atEnd: isFromPeer ? .leaveOpen : .finish) { _ in }
                }
            }
            for _ in 0..<batches {
                try await withThrowingTaskGroup { group in
                    for number in 0..<batch {
                        let isTCP = number % 10 == 0
                        group.addTask {
                            let socket = try await RawSocket.connect(to: isTCP ? tcp.address : unix.address)
                            try await socket.run { socket in
                                socket.write(Pattern.bytes(50))
                                guard !isTCP, number % 3 != 0 else { return socket.reset() }
                                _ = socket.readPattern(100)
                                socket.close()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await remains.until { $0.alive.isEmpty }
            }
            // A connection that was reset while it waited to be accepted was never seen by the server.
            #expect(try await remains { $0.count } > 2 * batches * batch * 8 / 10)
            await unix.shutdown()
            await tcp.shutdown()
            try await remains.until { _ in openDescriptors() <= before }
        }
    }
}
