/// What a ``Buffer`` holds, as an asynchronous sequence: reading is what makes room.
///
/// ```swift
/// for try await element in buffer.elements {
///     use(element)
/// }
/// ```
///
/// The loop ends when the stream has ended in order and everything was read. If it ended otherwise, the original error is
/// thrown behind the last element that was delivered. Who leaves the loop before that, or is cancelled in it, wants nothing more: the
/// stream is aborted and its producer stopped, with the reason ``EndReason/Code/readerLeft`` or ``EndReason/Code/cancelled``.
/// To read in portions, call ``next()`` instead, which leaves nothing behind; it gives a cancelled task what is there.
///
/// There is one reader at a time; a second one that comes meanwhile gets ``DoorError/alreadyReading``. Reading stays in the
/// isolation domain of the buffer and suspends only if the buffer is empty. Let go of the loop in that domain, too: an actor that
/// keeps an iterator needs an `isolated deinit`.
public final class AsyncReader<Element>: AsyncSequence {
    /// The loop over the elements; what it leaves behind when it goes is an aborted stream.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let visit: Visit

        fileprivate init(_ reader: AsyncReader<Element>) { visit = Visit(reader) }

        /// The next element; nil at the orderly end.
        public mutating func next() async throws -> Element? { try await visit.next() }

        /// The next element; nil at the orderly end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(any Error) -> Element? {
            try await visit.next()
        }
    }

    /// One loop, from its first element to the end of its iterator.
    private final class Visit {
        private let reader: AsyncReader<Element>
        private let isRefused: Bool
        private var isOver = false

        init(_ reader: AsyncReader<Element>) {
            self.reader = reader
            isRefused = reader.seat.isVisited
            reader.seat.isVisited = true
        }

        func next() async throws -> Element? {
            guard !isRefused else { throw DoorError.alreadyReading }
            guard !isOver else { return nil }
            // Whoever is cancelled wants nothing more, not even what is there.
            guard !Task.isCancelled else { return try cancel() }
            switch try await reader.read() {
            case .element(let element):
                return element
            case .end(let end):
                isOver = true
                if end.isOrderly { return nil }
                throw end.thrown
            case .cancelled:
                return try cancel()
            }
        }

        private func cancel() throws -> Element? {
            isOver = true
            reader.leave(.cancelled)
            throw CancellationError()
        }

        deinit {
            guard !isRefused else { return }
            reader.seat.isVisited = false
            if !isOver { reader.leave(EndReason(.readerLeft)) }
        }
    }

    private enum Reading {
        case element(Element)
        case end(EndReason)
        case cancelled
    }

    private let buffer: Buffer<Element>
    private let seat: ReaderSeat
    private let isOwner: Bool

    /// Reads from a buffer, whose ``Buffer/onReadable`` this takes.
    public convenience init(_ buffer: Buffer<Element>) {
        self.init(buffer, isOwner: false)
    }

    /// - Parameter isOwner: Whether the buffer was made for this reader, and ends with it.
    init(_ buffer: Buffer<Element>, isOwner: Bool) {
        self.buffer = buffer
        self.isOwner = isOwner
        seat = buffer.takeSeat()
    }

    deinit {
        if isOwner { leave(EndReason(.readerLeft)) }
    }

    /// Begins a loop over the elements.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// The next element, for which it waits; nil when the stream has ended in order and everything was read.
    ///
    /// - Throws: The error that the stream ended with; `CancellationError` if the task is cancelled while it waits, with nothing
    ///   taken; ``DoorError/alreadyReading`` if another task waits here.
    public func next() async throws -> Element? {
        switch try await read() {
        case .element(let element): return element
        case .end(let end):
            if end.isOrderly { return nil }
            throw end.thrown
        case .cancelled: throw CancellationError()
        }
    }

    private func read() async throws(DoorError) -> Reading {
        // Also if there is something to read: the one who waits was first.
        guard !seat.waker.isWaiting else { throw .alreadyReading }
        var isCancelled = false
        while true {
            if let element = buffer.take() { return .element(element) }
            if let end = buffer.end { return .end(end) }
            if isCancelled { return .cancelled }
            isCancelled = await seat.waker.wait()
        }
    }

    private func leave(_ reason: EndReason) {
        if buffer.end == nil { buffer.abort(reason) }
    }
}

extension Buffer {
    /// What is held and what will come, as an asynchronous sequence; see ``AsyncReader``.
    ///
    /// Takes ``onReadable``.
    public var elements: AsyncReader<Element> { AsyncReader(self) }
}

extension EndReason {
    /// What is thrown at those who only see the elements: the original error if there is one.
    package var thrown: any Error {
        if code == .cancelled { return CancellationError() }
        return code == .failed ? error ?? self : self
    }
}

@available(*, unavailable)
extension AsyncReader: Sendable {}

@available(*, unavailable)
extension AsyncReader.AsyncIterator: Sendable {}
