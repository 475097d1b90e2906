import NIOCore
import NIOPosix
import Penstock
import PenstockNIO
import Testing

extension Sockets {
    /// Here because they count descriptors.
    @Suite struct FileSourceTests {
        @Test("B62, C1.7: a file is a pull producer")
        func isPull() async throws {
            let flow = try await FileFlow.start(size: 1000, held: true)
            #expect(try await flow.sink { $0.buffer.snapshot.kind } == .pull)
            try await flow.sink { $0.buffer.abort(.cancelled) }
            _ = await flow.result.wait()
        }

        @Test("B63: 12 bytes in chunks of 4 are three elements, and the end comes with the next question")
        func chunks() async throws {
            let flow = try await FileFlow.start(size: 12, chunkSize: 4)
            let result = await flow.result.wait()
            #expect(result.isComplete)
            #expect(result.summary.elements == 3)
            #expect(try await flow.sink { $0.sizes } == [4, 4, 4])
            #expect(try await flow.sink { $0.buffer.end?.isOrderly } == true)
        }

        @Test(
            "ranges and chunk sizes give exactly their bytes",
            arguments: [1, 7, 4096, 1 << 20],
            [nil, 0..<100_000, 1..<2, 65_521..<99_999, 500..<500, 100_000..<100_000]
        )
        func ranges(chunkSize: Int, range: Range<Int>?) async throws {
            // One byte at a time is slow, and as good with fewer of them.
            let size = chunkSize == 1 ? 3000 : 100_000
            let range = range.map { $0.clamped(to: 0..<size) }
            let flow = try await FileFlow.start(size: size, range: range, chunkSize: chunkSize)
            #expect(await flow.result.wait().isComplete)
            let (bytes, isIntact, largest) = try await flow.sink { ($0.bytes, $0.isIntact, $0.sizes.max() ?? 0) }
            #expect(bytes == (range?.count ?? size))
            #expect(isIntact)
            #expect(largest <= chunkSize)
            // The thread that read last may still be letting go of it.
            try await flow.sink.until { _ in openDescriptors(of: flow.path) == 0 }
        }

        @Test("B64: through a stage, what comes out is what it made, to the last byte, and that is reported")
        func transformed() async throws {
            let path = try TemporaryDirectory.shared.file(ByteBuffer(string: "abcdefghijkl"))
            let result = Signal<FlowResult>()
            let sink = try await OnLoop.on(MultiThreadedEventLoopGroup.singleton.any()) { loop in
                let scheduler = EventLoopScheduler.current(on: loop)
                let collector = Collector<ByteBuffer>(cap: 1000, scheduler: scheduler)
                let stage = Map<ByteBuffer, ByteBuffer>(marks: Watermarks(low: 100, high: 200), scheduler: scheduler) {
                    ByteBuffer(bytes: $0.readableBytesView.map { $0 - 32 })
                }
                try stage.attach(to: collector) { result.tell($0) }
                try FileSource(path: path, chunkSize: 5, scheduler: scheduler).attach(to: stage)
                return collector
            }
            let summary = try await result.wait().get()
            #expect(summary.elements == 3)
            #expect(summary.weight == 12 + 3 * entryOverhead)
            #expect(try await sink { $0.elements.map { String(buffer: $0) } } == ["ABCDE", "FGHIJ", "KL"])
            #expect(try await sink { $0.end?.isOrderly } == true)
        }

        @Test("B67: an empty file completes without an element")
        func empty() async throws {
            let flow = try await FileFlow.start(size: 0)
            let result = await flow.result.wait()
            #expect(result.isComplete)
            #expect(result.summary.elements == 0)
        }

        @Test("B65: stopped in the middle, the flow fails with the reason and the file is closed")
        func stopped() async throws {
            let flow = try await FileFlow.start(size: 1_000_000, chunkSize: 1000, held: true)
            try await flow.sink.until { $0.buffer.count == 1 }
            #expect(openDescriptors(of: flow.path) == 1)
            try await flow.sink { $0.buffer.abort(.cancelled) }
            #expect(await flow.result.wait().end.code == .cancelled)
            try await flow.sink.until { _ in openDescriptors(of: flow.path) == 0 }
        }

        @Test("one chunk is read ahead, and no more")
        func readAhead() async throws {
            let flow = try await FileFlow.start(size: 1_000_000, chunkSize: 1000, held: true)
            // One has been written, one is ready.
            try await flow.sink.until { $0.source.expectedWeight == 998_000 }
            for _ in 0..<20 { try await flow.sink.eventLoop.scheduleTask(in: .milliseconds(1)) {}.futureResult.get() }
            let (left, count) = try await flow.sink { ($0.source.expectedWeight, $0.buffer.count) }
            #expect(left == 998_000)
            #expect(count == 1)
            try await flow.sink { $0.buffer.abort(.cancelled) }
        }

        @Test("B67: a range of a file that shrinks ends with sizeChanged, behind the bytes there were")
        func shrinks() async throws {
            let flow = try await FileFlow.start(size: 100_000, range: 0..<100_000, chunkSize: 1000, held: true)
            try await flow.sink.until { $0.source.expectedWeight == 98_000 }
            try TemporaryDirectory.shared.truncate(flow.path, to: 50_500)
            try await flow.sink { $0.drain() }
            let result = await flow.result.wait()
            #expect(result.end.error as? FileSourceError == .sizeChanged(expected: 100_000, got: 50_500))
            #expect(result.end.description.contains("50500 of the 100000"))
            let (bytes, end) = try await flow.sink { ($0.bytes, $0.buffer.end?.error as? FileSourceError) }
            #expect(bytes == 50_500)
            #expect(end == .sizeChanged(expected: 100_000, got: 50_500))
            try await flow.sink.until { _ in openDescriptors(of: flow.path) == 0 }
        }

        @Test("B67: a range beyond the end of the file fails, and says what there was")
        func beyondTheEnd() async throws {
            let flow = try await FileFlow.start(size: 1000, range: 500..<2000)
            #expect(await flow.result.wait().end.error as? FileSourceError == .sizeChanged(expected: 1500, got: 500))
        }

        @Test(
            "B67: a file that grows is read to the end it has then, a range of it to its own",
            arguments: [nil, 0..<10_000]
        )
        func grows(range: Range<Int>?) async throws {
            let flow = try await FileFlow.start(size: 10_000, range: range, chunkSize: 1000, held: true)
            try await flow.sink.until { $0.source.expectedWeight == 8000 }
            try TemporaryDirectory.shared.append(Pattern.bytes(5000, from: 10_000), to: flow.path)
            try await flow.sink { $0.drain() }
            #expect(await flow.result.wait().isComplete)
            let (bytes, isIntact) = try await flow.sink { ($0.bytes, $0.isIntact) }
            #expect(bytes == (range == nil ? 15_000 : 10_000))
            #expect(isIntact)
        }

        @Test("B66: a file that is not there, or is none, fails the flow with the system's word")
        func cannotOpen() async throws {
            let missing = try TemporaryDirectory.shared.freshPath("missing")
            let flow = try await FileFlow.start(path: missing)
            let result = await flow.result.wait()
            #expect(result.end.error as? FileSourceError == .system(call: "open", path: missing, errno: 2))
            #expect(result.end.description.contains("No such file"))
            #expect(try await flow.sink { $0.buffer.end?.code } == .failed)

            let directory = try await FileFlow.start(path: "/")
            #expect(await directory.result.wait().end.error as? FileSourceError == .notARegularFile(path: "/"))
        }

        #if os(Linux)
            @Test(
                "B66, C6.6: a read error fails the flow and the consumer with the original error, and closes the file"
            )
            func readError() async throws {
                // Nothing is mapped at the beginning of the own memory.
                let flow = try await FileFlow.start(path: "/proc/self/mem", range: 0..<1000)
                let result = await flow.result.wait()
                #expect(result.end.error as? FileSourceError == .system(call: "read", path: "/proc/self/mem", errno: 5))
                #expect(try await flow.sink { $0.buffer.end?.error is FileSourceError })
                try await flow.sink.until { _ in openDescriptors(of: flow.path) == 0 }
            }
        #endif

        @Test("C6.8: the file arrives at the peer whole, and the result says so", arguments: SocketFamily.allCases)
        func overSockets(family: SocketFamily) async throws {
            let size = 5_000_001
            let path = try TemporaryDirectory.shared.file(Pattern.bytes(size))
            let result = Signal<FlowResult>()
            try await Pair.with(family, sendBuffer: 32 << 10, receiveBuffer: 32 << 10) { pair in
                try await pair.subject { rig in
                    let source = FileSource(path: path, chunkSize: 40_000, scheduler: rig.transport.scheduler)
                    try source.attach(to: rig.transport, atEnd: .finish) { result.tell($0) }
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
                pair.peer.close()
                let summary = try await result.wait().get()
                #expect(summary.elements == (size + 39_999) / 40_000)
                #expect(summary.peakLevel <= Watermarks.bytes.low + 40_000 + entryOverhead)
            }
        }

        @Test("C6.6: a file that cannot be read ends the connection with an error, never in order")
        func errorOverSockets() async throws {
            let path = try TemporaryDirectory.shared.file(Pattern.bytes(1000))
            try await Pair.with(.tcp) { pair in
                try await pair.subject { rig in
                    let source = FileSource(path: path, range: 0..<2000, scheduler: rig.transport.scheduler)
                    try source.attach(to: rig.transport)
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 1000, ending: .reset))
                let end = await pair.closed.wait().end
                #expect(end.error as? FileSourceError == .sizeChanged(expected: 2000, got: 1000))
            }
        }

        @Test("a connection that is lost in the middle closes the file", arguments: SocketFamily.allCases)
        func lostConnection(family: SocketFamily) async throws {
            let path = try TemporaryDirectory.shared.file(Pattern.bytes(5_000_000))
            let result = Signal<FlowResult>()
            try await Pair.with(family, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    let source = FileSource(path: path, scheduler: rig.transport.scheduler)
                    try source.attach(to: rig.transport, atEnd: .finish) { result.tell($0) }
                }
                #expect(try await pair.peer.run { $0.readPattern(100_000) }.isIntact)
                pair.peer.reset()
                #expect(await result.wait().end.code == .lost)
                _ = await pair.closed.wait()
            }
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            try await OnLoop.on(loop) { _ in 0 }.until { _ in openDescriptors(of: path) == 0 }
        }
    }
}
