public import NIOCore
public import NIOPosix
public import Penstock

/// A pull producer of a file, or of a range of it.
///
/// The file is opened when the source is attached and read on a thread pool, so a slow disk holds no event loop; while one
/// chunk is being written the next is read. It is closed when the flow ends, however it ends.
///
/// With a range, exactly those bytes are produced, or the flow fails with ``FileSourceError/sizeChanged(expected:got:)``.
/// Without one, the file is read to the end that it has then.
public final class FileSource: PullProducer, Source {
    /// Bytes.
    public typealias Output = ByteBuffer

    private struct Piece: Sendable {
        var reader: FileReader
        var bytes: ByteBuffer
    }

    private let path: String
    private let range: Range<Int>?
    private let chunkSize: Int
    private let scheduler: EventLoopScheduler
    private let pool: NIOThreadPool
    private let outlet: Outlet<ByteBuffer>
    private var reader: FileReader?
    private var offset: Int
    private var ready: ByteBuffer?
    private var isAsked = false
    private var isReading = false
    private var isAtEnd = false
    private var failure: (any Error)?

    /// Creates a source; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - range: The bytes to produce; nil for the whole file.
    ///   - chunkSize: How many bytes an element has at most; 128 KiB by default.
    ///   - scheduler: Of the event loop the source lives on.
    ///   - threadPool: Where the file is read.
    public init(
        path: String,
        range: Range<Int>? = nil,
        chunkSize: Int = 128 << 10,
        scheduler: EventLoopScheduler,
        threadPool: NIOThreadPool = .singleton
    ) {
        precondition(chunkSize > 0, "a chunk has at least one byte, not \(chunkSize)")
        precondition(range.map { $0.lowerBound >= 0 } ?? true, "a range of a file begins at 0 or later")
        self.path = path
        self.range = range
        self.chunkSize = chunkSize
        self.scheduler = scheduler
        pool = threadPool
        outlet = Outlet(scheduler: scheduler)
        offset = range?.lowerBound ?? 0
    }

    /// The bytes of the range, or of the file once it is open, that are still to come.
    public var expectedWeight: Int? {
        if let range { return range.upperBound - offset }
        return reader.map { max(0, $0.size - offset) }
    }

    /// Registers with the consumer and begins to read.
    public func attach(
        to consumer: any Consumer<ByteBuffer>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
        readAhead()
    }

    /// Writes the next chunk as soon as it has been read.
    public func resumeProducing() {
        isAsked = true
        answer()
    }

    /// Ends the flow and closes the file.
    public func stopProducing(_ reason: EndReason) {
        letGo()
        outlet.stopped(reason)
    }

    private func answer() {
        guard isAsked, outlet.isAttached else { return }
        if let chunk = ready {
            ready = nil
            isAsked = false
            readAhead()
            outlet.write(chunk)
        } else if let failure {
            letGo()
            outlet.fail(failure)
        } else if isAtEnd {
            letGo()
            outlet.finish()
        }
    }

    private func readAhead() {
        guard !isReading, !isAtEnd, failure == nil, ready == nil, outlet.isAttached else { return }
        let left = range.map { $0.upperBound - offset } ?? .max
        guard left > 0 || reader == nil else {
            isAtEnd = true
            return answer()
        }
        isReading = true
        let path = self.path
        let opened = reader
        let position = offset
        let count = min(left, chunkSize)
        let read = pool.runIfActive(eventLoop: scheduler.eventLoop) { () throws -> Piece in
            let reader = try opened ?? FileReader(path: path)
            return Piece(reader: reader, bytes: count > 0 ? try reader.read(at: position, count: count) : ByteBuffer())
        }
        read.assumeIsolated().whenComplete { result in
            self.isReading = false
            switch result {
            case .success(let piece): self.take(piece.bytes, from: piece.reader, wanted: count)
            case .failure(let error): self.failure = error
            }
            self.answer()
        }
    }

    private func take(_ chunk: ByteBuffer, from reader: FileReader, wanted: Int) {
        // Stopped while it was read: the reader closes the file as it goes.
        guard outlet.isAttached else { return }
        self.reader = reader
        offset += chunk.readableBytes
        if chunk.readableBytes > 0 { ready = chunk }
        if let range {
            if chunk.readableBytes < wanted {
                failure = FileSourceError.sizeChanged(expected: range.count, got: offset - range.lowerBound)
            }
            isAtEnd = offset == range.upperBound
        } else {
            isAtEnd = chunk.readableBytes == 0
        }
    }

    private func letGo() {
        reader = nil
        ready = nil
        isAsked = false
    }
}

@available(*, unavailable)
extension FileSource: Sendable {}
