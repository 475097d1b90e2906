public import NIOCore
import NIOPosix
import Penstock

/// Connects to TCP and UNIX sockets and lends the connection, as a ``ChannelTransport``, to a closure on its event loop.
public enum StreamClient {
    /// Connects, lends the transport to a closure, and returns what the closure returns.
    ///
    /// The connection goes on after the closure has returned; it ends as the transport's verbs say. If the closure throws, the
    /// connection is aborted.
    ///
    /// - Parameters:
    ///   - address: Where to connect; a name is tried on all its addresses.
    ///   - eventLoop: The loop that is to carry the connection; any if nil.
    ///   - configuration: Limits and timeouts.
    ///   - connectTimeout: How long to wait for an answer.
    ///   - body: Called once, on the connection's event loop.
    /// - Throws: ``StreamError`` with what the system said, or what the closure threw.
    public static func connect<Value: Sendable>(
        to address: StreamAddress,
        on eventLoop: (any EventLoop)? = nil,
        configuration: TransportConfiguration = TransportConfiguration(),
        connectTimeout: Duration = .seconds(10),
        _ body: @escaping @Sendable (ChannelTransport) throws -> Value
    ) async throws -> Value {
        let loop = eventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Value.self)
        loop.execute {
            connect(to: address, on: loop, configuration: configuration, connectTimeout: connectTimeout) { result in
                switch result {
                case .failure(let error):
                    promise.fail(error)
                case .success(let transport):
                    do {
                        promise.succeed(try body(transport))
                    } catch {
                        transport.abort(.failed(error))
                        promise.fail(error)
                    }
                }
            }
        }
        return try await promise.futureResult.get()
    }

    /// Connects on the event loop of the caller, for code that lives there, such as a relay.
    ///
    /// - Parameters:
    ///   - address: Where to connect; a name is tried on all its addresses.
    ///   - eventLoop: The loop the caller is on.
    ///   - configuration: Limits and timeouts.
    ///   - connectTimeout: How long to wait for an answer.
    ///   - body: Called once, on the loop, with the transport or a ``StreamError``.
    /// - Precondition: Called on the loop.
    public static func connect(
        to address: StreamAddress,
        on eventLoop: any EventLoop,
        configuration: TransportConfiguration = TransportConfiguration(),
        connectTimeout: Duration = .seconds(10),
        _ body: @escaping (Result<ChannelTransport, StreamError>) -> Void
    ) {
        eventLoop.preconditionInEventLoop()
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(connectTimeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try StreamBootstrap.install(on: channel, configuration: configuration) { _ in }
                }
            }
        if let size = StreamBootstrap.receiveBuffer(isTCP: address.port != nil, configuration) {
            _ = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: size)
        }
        let connected =
            if let socketAddress = address.socketAddress {
                bootstrap.connect(to: socketAddress)
            } else {
                bootstrap.connect(host: address.host ?? "", port: address.port ?? 0)
            }
        connected.flatMapThrowing { channel in
            try NIOLoopBound(channel.pipeline.syncOperations.handler(type: TransportHandler.self), eventLoop: eventLoop)
        }.assumeIsolated().whenComplete { result in
            switch result.flatMap({ $0.value.transport.map(Result.success) ?? .failure(ChannelError.ioOnClosedChannel) }
            ) {
            case .success(let transport): body(.success(transport))
            case .failure(let error):
                body(.failure(StreamError(operation: .connect, address: address, error: error)))
            }
        }
    }
}
