public import NIOCore
import NIOPosix
import Penstock

extension StreamClient {
    /// Connects, gives the connection to a closure, and returns what the closure returns.
    ///
    /// ```swift
    /// let answer = try await StreamClient.withConnection(to: address) { connection in
    ///     try await connection.write(question)
    ///     try await connection.finishWriting()
    ///     var answer = ByteBuffer()
    ///     for try await chunk in connection.inbound { answer.writeImmutableBuffer(chunk) }
    ///     return answer
    /// }
    /// ```
    ///
    /// The closure is isolated to the connection and runs on its event loop. It owns the connection: returning finishes it
    /// gracefully, throwing or cancelling the task aborts it. When this returns, the descriptor is closed; a peer that does not end
    /// its own side keeps it for `TransportConfiguration.linger`.
    ///
    /// - Parameters:
    ///   - address: Where to connect; a name is tried on all its addresses.
    ///   - eventLoop: The loop that is to carry the connection; if nil, that of the caller if it is on one, or else any.
    ///   - configuration: Limits and timeouts.
    ///   - connectTimeout: How long to wait for an answer.
    ///   - body: Called once.
    /// - Throws: ``StreamError`` with what the system said, what the closure threw, ``ConnectionError`` if not every accepted byte
    ///   was handed over, or `CancellationError`.
    public static func withConnection<Value: Sendable>(
        to address: StreamAddress,
        on eventLoop: (any EventLoop)? = nil,
        configuration: TransportConfiguration = TransportConfiguration(),
        connectTimeout: Duration = .seconds(10),
        _ body: @Sendable (isolated Connection) async throws -> Value
    ) async throws -> Value {
        try await open(address, eventLoop, configuration, connectTimeout).scope(body)
    }

    /// Connects, and gives the connection to a closure that runs elsewhere than on the connection's event loop.
    ///
    /// For code that computes for long, or blocks. Every reading and writing goes to the event loop and back.
    ///
    /// - Parameters:
    ///   - address: Where to connect; a name is tried on all its addresses.
    ///   - eventLoop: The loop that is to carry the connection; if nil, that of the caller if it is on one, or else any.
    ///   - executor: Where the closure runs, such as `globalConcurrentExecutor`.
    ///   - configuration: Limits and timeouts.
    ///   - connectTimeout: How long to wait for an answer.
    ///   - body: Called once.
    public static func withConnection<Value: Sendable>(
        to address: StreamAddress,
        on eventLoop: (any EventLoop)? = nil,
        handlerOn executor: any TaskExecutor,
        configuration: TransportConfiguration = TransportConfiguration(),
        connectTimeout: Duration = .seconds(10),
        _ body: @Sendable @concurrent (Connection) async throws -> Value
    ) async throws -> Value {
        try await open(address, eventLoop, configuration, connectTimeout).scope(on: executor, body)
    }

    private static func open(
        _ address: StreamAddress,
        _ eventLoop: (any EventLoop)?,
        _ configuration: TransportConfiguration,
        _ connectTimeout: Duration
    ) async throws -> Connection {
        let loop =
            eventLoop ?? MultiThreadedEventLoopGroup.currentEventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Connection.self)
        let isGivenUp = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: loop)
        return try await withTaskCancellationHandler {
            loop.execute {
                guard !isGivenUp.value else { return }
                connect(to: address, on: loop, configuration: configuration, connectTimeout: connectTimeout) { result in
                    switch result {
                    case .failure(let error):
                        promise.fail(error)
                    case .success(let transport):
                        guard !isGivenUp.value else { return transport.abort(.cancelled) }
                        promise.succeed(Connection(NIOLoopBound(transport, eventLoop: loop)))
                    }
                }
            }
            return try await promise.futureResult.get()
        } onCancel: {
            loop.execute {
                isGivenUp.value = true
                promise.fail(CancellationError())
            }
        }
    }
}
