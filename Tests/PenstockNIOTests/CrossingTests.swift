import NIOCore
import NIOPosix
import Penstock
import PenstockNIO
import Testing

extension Sockets {
    @Suite("C9.3: between a transport and another domain") struct CrossingTests {
        static let marks = Watermarks(low: 32 << 10, high: 64 << 10)
        static let size = 8_000_000
        static let chunk = 10_000

        /// Lends a loop that no transport lives on.
        func withLoop(_ body: (any EventLoop) async throws -> Void) async throws {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            do { try await body(group.next()) } catch {
                try await group.shutdownGracefully()
                throw error
            }
            try await group.shutdownGracefully()
        }

        func handle(of pair: Pair) async throws -> ConsumerHandle<ByteBuffer> {
            try await pair.subject { try ConsumerHandle($0.transport, marks: Self.marks) }
        }

        @Test("a source on one loop feeds a transport on another", arguments: SocketFamily.allCases)
        func sourceElsewhere(family: SocketFamily) async throws {
            try await withLoop { loop in
                try await Pair.with(family) { pair in
                    let handle = try await handle(of: pair)
                    let ended = Signal<(EndReason, Delivery, Int)>()
                    try await loop.submit {
                        let scheduler = EventLoopScheduler.current(on: loop)
                        let near = try handle.consumer(on: scheduler)
                        near.onEnd = { [unowned near] in ended.tell(($0, $1, near.snapshot.peak)) }
                        try SequenceSource(Pattern.chunks(Self.size, of: Self.chunk), scheduler: scheduler)
                            .attach(to: near)
                    }.get()
                    let tail = try await pair.peer.run { $0.readPattern() }
                    #expect(tail == RawSocket.Tail(bytes: Self.size, isIntact: true, ending: .finished))
                    let (reason, delivery, peak) = await ended.wait()
                    #expect(reason.isOrderly)
                    #expect(delivery.accepted.elements == Self.size / Self.chunk && delivery.isComplete)
                    #expect(peak <= Self.marks.high + Self.chunk + entryOverhead)
                    pair.peer.close()
                    #expect(await pair.closed.wait().end.isOrderly)
                }
            }
        }

        @Test("a task feeds a transport, and its receipt is that of the kernel", arguments: SocketFamily.allCases)
        func task(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let handle = try await handle(of: pair)
                async let tail = pair.peer.run { $0.readPattern() }
                for chunk in Pattern.chunks(Self.size, of: Self.chunk) { try await handle.write(chunk) }
                let delivery = try await handle.finish()
                #expect(delivery.isComplete)
                #expect(delivery.accepted.weight == Self.size + Self.size / Self.chunk * entryOverhead)
                #expect(try await tail == RawSocket.Tail(bytes: Self.size, isIntact: true, ending: .finished))
            }
        }

        @Test("the peer stalls: what is held stays bounded, and nothing is lost", arguments: SocketFamily.allCases)
        func stalled(family: SocketFamily) async throws {
            try await withLoop { loop in
                try await Pair.with(family, sendBuffer: 8 << 10, receiveBuffer: 8 << 10) { pair in
                    let handle = try await handle(of: pair)
                    let near = try await OnLoop.on(loop) { loop in
                        let scheduler = EventLoopScheduler.current(on: loop)
                        let near = try handle.consumer(on: scheduler)
                        try SequenceSource(Pattern.chunks(Self.size, of: Self.chunk), scheduler: scheduler)
                            .attach(to: near)
                        return near
                    }
                    try await pair.subject.until { $0.transport.snapshot.isPaused }
                    try await near.until { $0.snapshot.level > Self.marks.low }
                    let (here, there) = (
                        try await near { $0.snapshot }, try await pair.subject { $0.transport.snapshot }
                    )
                    #expect(here.peak <= Self.marks.high + Self.chunk + entryOverhead)
                    #expect(there.peak <= (there.marks?.high ?? 0) + Self.chunk + entryOverhead)
                    // C4.9: down to the one who is waited for.
                    #expect(here.waits.contains { $0.reason.hasPrefix("transport to take") })
                    let tail = try await pair.peer.run { $0.readPattern() }
                    #expect(tail == RawSocket.Tail(bytes: Self.size, isIntact: true, ending: .finished))
                }
            }
        }

        @Test("what comes in is consumed on another loop", arguments: SocketFamily.allCases)
        func inbound(family: SocketFamily) async throws {
            try await withLoop { loop in
                try await Pair.with(family) { pair in
                    let handle = try await pair.subject {
                        try SourceHandle($0.transport, marks: Self.marks, on: $0.transport.scheduler)
                    }
                    let ended = Signal<(EndReason, Int, Bool)>()
                    try await loop.submit {
                        let scheduler = EventLoopScheduler.current(on: loop)
                        let sink = NullConsumer<ByteBuffer>(scheduler: scheduler)
                        var (bytes, isIntact) = (0, true)
                        sink.onElement = { element in
                            if !Pattern.matches(element, from: bytes) { isIntact = false }
                            bytes += element.readableBytes
                        }
                        sink.onEnd = { reason, _ in ended.tell((reason, bytes, isIntact)) }
                        try handle.source(on: scheduler).attach(to: sink)
                    }.get()
                    try await pair.peer.run { peer in
                        peer.write(Pattern.bytes(Self.size))
                        peer.finishWriting()
                    }
                    let (reason, bytes, isIntact) = await ended.wait()
                    #expect(reason.isOrderly)
                    #expect(bytes == Self.size)
                    #expect(isIntact)
                }
            }
        }

        @Test("C6.5: aborted over there, the transport is reset", arguments: SocketFamily.allCases)
        func abortedThere(family: SocketFamily) async throws {
            try await withLoop { loop in
                try await Pair.with(family) { pair in
                    let handle = try await handle(of: pair)
                    let near = try await OnLoop.on(loop) { loop in
                        try handle.consumer(on: EventLoopScheduler.current(on: loop))
                    }
                    try await near {
                        $0.write(Pattern.bytes(100))
                        $0.abort(.cancelled)
                    }
                    #expect(await pair.ended.wait().code == .cancelled)
                    #expect(try await near { $0.gate.end?.code } == .cancelled)
                }
            }
        }

        @Test(
            "C6.1: the peer resets: the producer over there is stopped, and so is a task",
            arguments: SocketFamily.allCases
        )
        func lost(family: SocketFamily) async throws {
            try await withLoop { loop in
                for isTask in [false, true] {
                    try await Pair.with(family) { pair in
                        let handle = try await handle(of: pair)
                        let stopped = Signal<EndReason>()
                        if isTask {
                            Task {
                                do { while true { try await handle.write(Pattern.bytes(Self.chunk)) } } catch {
                                    stopped.tell(error as? EndReason ?? .finished)
                                }
                            }
                        } else {
                            try await loop.submit {
                                let scheduler = EventLoopScheduler.current(on: loop)
                                let near = try handle.consumer(on: scheduler)
                                try SequenceSource(Endless(Pattern.bytes(Self.chunk)), scheduler: scheduler)
                                    .attach(to: near) { stopped.tell($0.end) }
                            }.get()
                        }
                        _ = try await pair.peer.run { $0.readPattern(1_000, from: 0) }
                        pair.peer.reset()
                        #expect(await stopped.wait().code == .lost)
                    }
                }
            }
        }

        @Test(
            "C5.5: both ends on one loop: a stream without end lets a socket of the loop go on",
            arguments: SocketFamily.allCases
        )
        func sameLoop(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    let scheduler = rig.transport.scheduler
                    let sink = NullConsumer<ByteBuffer>(scheduler: scheduler)
                    rig.onElement = { sink.abort(.cancelled) }
                    let crossing = Crossing<ByteBuffer>(marks: Self.marks)
                    try crossing.source(on: scheduler).attach(to: sink)
                    try SequenceSource(Endless(Pattern.bytes(1 << 14)), scheduler: scheduler)
                        .attach(to: crossing.consumer(on: scheduler))
                }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(10)) }
                try await pair.subject.until { $0.bytesDelivered == 10 }
            }
        }
    }
}
