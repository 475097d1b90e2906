public import NIOCore
public import NIOPosix
public import Penstock
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Listens on TCP or a UNIX socket and lends each connection, as a ``ChannelTransport``, to a closure on its event loop.
///
/// ```swift
/// let server = try await StreamServer.bind(to: "127.0.0.1:1234")
/// server.serve { transport in
///     try? SequenceSource(lines, scheduler: transport.scheduler).attach(to: transport)
/// }
/// ```
///
/// The server runs until ``shutdown(within:)``; it does not stop because nobody holds it.
public final class StreamServer: Sendable {
    /// Set once, by `serve`, before the first connection is accepted.
    private final class Handler: Sendable {
        /// A closure kept in a generic type by itself is wrapped anew each time it is taken out, and one of the wrappings leaks.
        struct Body: Sendable {
            var call: @Sendable (ChannelTransport) -> Void
        }

        let body = Mutex<Body?>(nil)
    }

    /// Where the server listens, with the port it was given if it asked for any.
    public let address: StreamAddress

    let channel: any Channel
    let acceptGate: NIOLoopBound<AcceptGate>
    private let handler: Handler
    private let stopping = Mutex(false)

    private init(channel: any Channel, acceptGate: NIOLoopBound<AcceptGate>, handler: Handler, address: StreamAddress) {
        self.channel = channel
        self.acceptGate = acceptGate
        self.handler = handler
        self.address = address
    }

    /// Begins to listen; connections wait in the kernel's queue until ``serve(_:)``.
    ///
    /// The socket file of a UNIX server that is gone is replaced; that of one that still answers is an error.
    ///
    /// - Parameters:
    ///   - address: Where to listen; port 0 for any that is free.
    ///   - group: Whose loops carry the connections.
    ///   - configuration: Limits and timeouts.
    /// - Throws: ``StreamError`` with what the system said.
    public static func bind(
        to address: StreamAddress,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        configuration: StreamServerConfiguration = StreamServerConfiguration()
    ) async throws -> StreamServer {
        do {
            do {
                return try await listen(on: address, group, configuration)
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                guard case .unix(let path) = address.kind, await isAbandoned(address) else { throw error }
                unlink(path)
                return try await listen(on: address, group, configuration)
            }
        } catch {
            throw StreamError(operation: .listen, address: address, error: error)
        }
    }

    /// Accepts connections from now on and lends each to the closure, on the connection's event loop.
    ///
    /// - Precondition: Called once.
    public func serve(_ body: @escaping @Sendable (ChannelTransport) -> Void) {
        handler.body.withLock { existing in
            precondition(existing == nil, "a server serves once")
            existing = Handler.Body(call: body)
        }
        channel.eventLoop.execute { [acceptGate] in acceptGate.value.serve() }
    }

    /// The number of connections that are open now.
    public var connectionCount: Int {
        get async throws {
            try await channel.eventLoop.submit { [acceptGate] in acceptGate.value.connectionCount }.get()
        }
    }

    /// Stops to listen, and returns when every connection has ended.
    ///
    /// Each connection is finished gracefully, or does what its ``ChannelTransport/onShutdown`` says.
    ///
    /// - Parameter deadline: After this long the connections that are left are aborted; nil waits for them.
    public func shutdown(within deadline: Duration? = .seconds(30)) async {
        await stopListening()
        let loop = channel.eventLoop
        try? await loop.flatSubmit { [acceptGate] in acceptGate.value.drain(within: deadline, on: loop) }.get()
    }

    /// Stops to listen, aborts every connection, and returns when all are closed.
    public func abort(_ reason: EndReason = .aborted) async {
        await stopListening()
        let loop = channel.eventLoop
        try? await loop.flatSubmit { [acceptGate] in
            acceptGate.value.abort(reason)
            return acceptGate.value.drain(within: .zero, on: loop)
        }.get()
    }

    /// Whether the server was told to stop.
    var isStopping: Bool { stopping.withLock { $0 } }

    func stopListening() async {
        stopping.withLock { $0 = true }
        do {
            try await channel.close().get()
        } catch {
            // A second shutdown finds it closed; the file may be another server's by now.
            return
        }
        if case .unix(let path) = address.kind { unlink(path) }
    }

    /// Whether there is the file of a UNIX socket and nobody listens behind it any more.
    private static func isAbandoned(_ address: StreamAddress) async -> Bool {
        guard case .unix(let path) = address.kind else { return false }
        // Connecting to an ordinary file is refused, too.
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        do {
            try await StreamClient.connect(to: address) { $0.abort(.aborted) }
            return false
        } catch {
            return ((error as? StreamError)?.error as? IOError)?.errnoCode == ECONNREFUSED
        }
    }

    private static func listen(
        on address: StreamAddress,
        _ group: any EventLoopGroup,
        _ configuration: StreamServerConfiguration
    ) async throws -> StreamServer {
        let handler = Handler()
        let isTCP = address.port != nil
        let limit = configuration.connectionLimit
        let bootstrap = ServerBootstrap(group: group.next(), childGroup: group)
            .serverChannelOption(.backlog, value: Int32(clamping: configuration.backlog))
            // One at a time, so that the limit on connections is exact.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: isTCP ? 1 : 0)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(limit: limit))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try StreamBootstrap.install(on: channel, configuration: configuration.transport) { transport in
                        handler.body.withLock { $0 }?.call(transport)
                    }
                }
            }
        if let size = StreamBootstrap.receiveBuffer(isTCP: isTCP, configuration.transport) {
            _ = bootstrap.serverChannelOption(.socketOption(.so_rcvbuf), value: size)
        }
        let channel =
            if let socketAddress = address.socketAddress {
                try await bootstrap.bind(to: socketAddress).get()
            } else {
                try await bootstrap.bind(host: address.host ?? "", port: address.port ?? 0).get()
            }
        let loop = channel.eventLoop
        let acceptGate = try await loop.submit {
            NIOLoopBound(try channel.pipeline.syncOperations.handler(type: AcceptGate.self), eventLoop: loop)
        }.get()
        let bound = StreamAddress(channel.localAddress) ?? address
        return StreamServer(channel: channel, acceptGate: acceptGate, handler: handler, address: bound)
    }
}
