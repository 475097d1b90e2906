import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

/// A file on its way into a buffer, on an event loop.
struct FileFlow: Sendable {
    /// The reading side: takes what comes at once, unless it is held.
    final class Sink {
        let source: FileSource
        let buffer: Buffer<ByteBuffer>
        private(set) var sizes: [Int] = []
        private(set) var bytes = 0
        private(set) var isIntact = true
        private let start: Int

        init(_ source: FileSource, _ scheduler: EventLoopScheduler, start: Int, held: Bool) {
            self.source = source
            self.start = start
            // At a low mark of 0 each element has to be taken before the next is asked for.
            buffer = Buffer(marks: Watermarks(low: 0, high: 1 << 16), scheduler: scheduler)
            if !held { drain() }
        }

        /// Takes everything, now and from now on.
        func drain() {
            buffer.onReadable = { [unowned self] in take() }
            take()
        }

        private func take() {
            while let element = buffer.take() {
                if !Pattern.matches(element, from: start + bytes) { isIntact = false }
                bytes += element.readableBytes
                sizes.append(element.readableBytes)
            }
        }
    }

    var path: String
    var sink: OnLoop<Sink>
    var result: Signal<FlowResult>

    static func start(
        path: String? = nil,
        size: Int = 0,
        range: Range<Int>? = nil,
        chunkSize: Int = 128 << 10,
        held: Bool = false
    ) async throws -> FileFlow {
        let path = try path ?? TemporaryDirectory.shared.file(Pattern.bytes(size))
        let result = Signal<FlowResult>()
        let sink = try await OnLoop.on(MultiThreadedEventLoopGroup.singleton.any()) {
            let scheduler = EventLoopScheduler.current(on: $0)
            let source = FileSource(path: path, range: range, chunkSize: chunkSize, scheduler: scheduler)
            let sink = Sink(source, scheduler, start: range?.lowerBound ?? 0, held: held)
            try source.attach(to: sink.buffer, atEnd: .finish) { result.tell($0) }
            return sink
        }
        return FileFlow(path: path, sink: sink, result: result)
    }
}
