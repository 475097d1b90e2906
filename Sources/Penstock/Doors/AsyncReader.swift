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
/// To read in portions, call ``next()`` instead, which leaves nothing behind.
///
/// There is one reader at a time; a second one that comes meanwhile gets ``DoorError/alreadyReading``. Reading stays in the
/// isolation domain of the buffer and suspends only if the buffer is empty.
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
            isRefused = reader.isVisited
            reader.isVisited = true
        }

        func next() async throws -> Element? {
            guard !isRefused else { throw DoorError.alreadyReading }
            guard !isOver else { return nil }
            do {
                guard let element = try await reader.next() else {
                    isOver = true
                    return nil
                }
                return element
            } catch let error as DoorError {
                // The other one goes on reading.
                throw error
            } catch {
                isOver = true
                if error is CancellationError { reader.leave(.cancelled) }
                throw error
            }
        }

        deinit {
            guard !isRefused else { return }
            reader.isVisited = false
            if !isOver { reader.leave(EndReason(.readerLeft)) }
        }
    }

    private let buffer: Buffer<Element>
    private let waker: Waker
    private var isVisited = false

    /// Reads from a buffer, whose ``Buffer/onReadable`` this takes.
    public init(_ buffer: Buffer<Element>) {
        self.buffer = buffer
        waker = Waker(scheduler: buffer.scheduler)
        buffer.onReadable = { [waker] in waker.wake() }
    }

    /// Begins a loop over the elements.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// The next element, waited for if there is none; nil when the stream has ended in order and everything was read.
    ///
    /// - Throws: The error that the stream ended with; `CancellationError` if the task is cancelled while it waits, with nothing
    ///   taken; ``DoorError/alreadyReading`` if another task waits here.
    public func next() async throws -> Element? {
        while true {
            if let element = buffer.take() { return element }
            if let end = buffer.end {
                guard !end.isOrderly else { return nil }
                throw end.thrown
            }
            guard !waker.isWaiting else { throw DoorError.alreadyReading }
            if await waker.wait(), buffer.isEmpty, buffer.end == nil { throw CancellationError() }
        }
    }

    private func leave(_ reason: EndReason) { buffer.abort(reason) }
}

extension Buffer {
    /// What is held and what will come, as an asynchronous sequence; see ``AsyncReader``.
    ///
    /// Takes ``onReadable``. Make it once, or one after the other.
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
