public import NIOCore
import Penstock

extension Connection {
    /// What comes in, as an asynchronous sequence; reading is what makes room.
    ///
    /// The loop ends when the peer has finished and everything was read; writing still works then. If the connection is lost, the
    /// reason is thrown behind the last bytes that arrived. Who leaves the loop before that, or is cancelled in it, ends
    /// reading for good: later input is discarded and counted, and the write side goes on (C7.7). To read in portions, call
    /// ``Connection/read()`` instead, which leaves nothing behind.
    ///
    /// There is one reader at a time; a second one that comes meanwhile gets `DoorError.alreadyReading`. Nothing is read from
    /// the peer before the first reading (C7.5).
    public struct Inbound: AsyncSequence, Sendable {
        /// Bytes, as NIO has them.
        public typealias Element = ByteBuffer

        /// Marks one loop; the actor keeps it while the loop is under way.
        final class Token: Sendable {}

        /// One loop over what comes in.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let visit: Visit

            fileprivate init(_ connection: Connection) { visit = Visit(connection) }

            /// The next bytes; nil when the peer has finished and everything was read.
            public mutating func next() async throws -> ByteBuffer? { try await visit.next() }

            /// The next bytes; nil when the peer has finished and everything was read.
            public mutating func next(
                isolation actor: isolated (any Actor)?
            ) async throws(any Error) -> ByteBuffer? {
                try await visit.next()
            }
        }

        /// What a loop leaves behind when it goes.
        private final class Visit: Sendable {
            private let connection: Connection
            private let token = Token()

            init(_ connection: Connection) { self.connection = connection }

            func next() async throws -> ByteBuffer? { try await connection.next(in: token) }

            deinit {
                let (connection, token) = (self.connection, self.token)
                let leave = { @Sendable in connection.assumeIsolated { $0.left(token) } }
                if connection.eventLoop.inEventLoop { leave() } else { connection.eventLoop.execute(leave) }
            }
        }

        fileprivate let connection: Connection

        /// Begins a loop.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection) }
    }

    /// What comes in, as an asynchronous sequence.
    public nonisolated var inbound: Inbound { Inbound(connection: self) }

    /// The next bytes.
    ///
    /// Waits for them if there are none; nil when the peer has finished and everything was read.
    ///
    /// - Throws: The reason for which the connection was lost; `CancellationError` if the task is cancelled while it waits, with
    ///   nothing taken; `DoorError.alreadyReading` if somebody else reads; `RegistrationError` if the transport was attached to
    ///   a consumer by way of ``withTransport(_:)``.
    public func read() async throws -> ByteBuffer? {
        guard visitor == nil else { throw DoorError.alreadyReading }
        return try await openReader().next()
    }

    fileprivate func next(in token: Inbound.Token) async throws -> ByteBuffer? {
        guard visitor == nil || visitor === token else { throw DoorError.alreadyReading }
        let isFirst = visitor == nil
        visitor = token
        do {
            if let bytes = try await openReader().next() { return bytes }
        } catch {
            if error is CancellationError { buffer?.abort(.cancelled) }
            // Whom another reader was in the way of leaves nothing behind; the loop that goes on does.
            if isFirst || !(error is DoorError) { visitor = nil }
            throw error
        }
        visitor = nil
        return nil
    }

    fileprivate func left(_ token: Inbound.Token) {
        guard visitor === token else { return }
        visitor = nil
        buffer?.abort(EndReason(.readerLeft))
    }

    private func openReader() throws -> AsyncReader<ByteBuffer> {
        if let reader { return reader }
        guard !isOver else { throw EndReason(.closedLocally, detail: "the scope of the connection is over") }
        let new = Buffer<ByteBuffer>(
            marks: transport.configuration.marks,
            scheduler: transport.scheduler,
            name: "input of a connection"
        )
        try transport.attach(to: new)
        let elements = new.elements
        buffer = new
        reader = elements
        return elements
    }
}
