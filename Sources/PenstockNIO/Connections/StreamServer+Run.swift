public import NIOCore
public import NIOPosix
import Penstock

extension StreamServer {
    /// What a server has done while it ran.
    public struct RunReport: Hashable, Sendable, CustomStringConvertible {
        /// How many connections were given to a handler.
        public var connections = 0
        /// How many of the handlers, or of the graceful ends behind them, failed.
        public var failures = 0

        /// Both numbers in words.
        public var description: String { "\(connections) connections, \(failures) of them failed" }
    }

    /// Accepts connections and gives each to a handler, until the task is cancelled or the server is shut down.
    ///
    /// ```swift
    /// let server = try await StreamServer.bind(to: "127.0.0.1:1234")
    /// try await server.run { connection in
    ///     for try await chunk in connection.inbound { try await connection.write(chunk) }
    /// }
    /// ```
    ///
    /// Each handler runs in a task of its own, isolated to its connection, on the connection's event loop. It owns the connection:
    /// returning finishes it gracefully, throwing aborts it. A handler that fails leaves the other connections and the server
    /// as they are.
    ///
    /// Cancelling the task shuts the server down: it listens no more, the handlers may come to their own end until the deadline,
    /// and what is left then is cancelled and aborted. When this returns, no handler runs and every connection is closed.
    ///
    /// - Parameters:
    ///   - deadline: How long the handlers have to come to their end after the task was cancelled; 30 seconds by default, nil for
    ///     as long as they take.
    ///   - onError: Told of every error of a handler, and of every connection that could not be finished gracefully.
    ///   - handler: Called for each connection.
    /// - Returns: How many connections there were, and how many failed.
    /// - Throws: ``StreamError`` if the listening socket was lost.
    /// - Precondition: Called once, and not beside ``serve(_:)``.
    @discardableResult
    public func run(
        shutdownWithin deadline: Duration? = .seconds(30),
        onError: (@Sendable (Connection, any Error) -> Void)? = nil,
        _ handler: @escaping @Sendable (isolated Connection) async throws -> Void
    ) async throws -> RunReport {
        try await run(shutdownWithin: deadline, onError) { connection in try await connection.scope(handler) }
    }

    /// Accepts connections and gives each to a handler that runs elsewhere than on the connection's event loop.
    ///
    /// For handlers that compute for long, or block. Every reading and writing goes to the event loop and back. Otherwise it is
    /// ``run(shutdownWithin:onError:_:)``.
    ///
    /// - Parameters:
    ///   - executor: Where the handlers run, such as `globalConcurrentExecutor`.
    ///   - deadline: How long the handlers have to come to their end after the task was cancelled.
    ///   - onError: Told of every error of a handler, and of every connection that could not be finished gracefully.
    ///   - handler: Called for each connection.
    @discardableResult
    public func run(
        handlersOn executor: any TaskExecutor,
        shutdownWithin deadline: Duration? = .seconds(30),
        onError: (@Sendable (Connection, any Error) -> Void)? = nil,
        _ handler: @escaping @Sendable @concurrent (Connection) async throws -> Void
    ) async throws -> RunReport {
        try await run(shutdownWithin: deadline, onError) { connection in
            try await connection.scope(on: executor, handler)
        }
    }

    /// Binds a server, runs it until the task is cancelled, and returns when every connection is closed.
    ///
    /// To learn the port of a server that takes any, call ``bind(to:on:configuration:)`` and
    /// ``run(shutdownWithin:onError:_:)`` instead.
    ///
    /// - Parameters:
    ///   - address: Where to listen.
    ///   - group: Whose loops carry the connections.
    ///   - configuration: Limits and timeouts.
    ///   - deadline: How long the handlers have to come to their end after the task was cancelled.
    ///   - onError: Told of every error of a handler, and of every connection that could not be finished gracefully.
    ///   - handler: Called for each connection.
    @discardableResult
    public static func run(
        at address: StreamAddress,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        configuration: StreamServerConfiguration = StreamServerConfiguration(),
        shutdownWithin deadline: Duration? = .seconds(30),
        onError: (@Sendable (Connection, any Error) -> Void)? = nil,
        _ handler: @escaping @Sendable (isolated Connection) async throws -> Void
    ) async throws -> RunReport {
        try await bind(to: address, on: group, configuration: configuration)
            .run(shutdownWithin: deadline, onError: onError, handler)
    }

    private func run(
        shutdownWithin deadline: Duration?,
        _ onError: (@Sendable (Connection, any Error) -> Void)?,
        _ scope: @escaping @Sendable (isolated Connection) async throws -> Void
    ) async throws -> RunReport {
        let tasks = HandlerTasks()
        serve { transport in
            let connection = Connection(NIOLoopBound(transport, eventLoop: transport.channel.eventLoop))
            // The handler decides when it is done; the deadline is for those that are not.
            transport.onShutdown = {}
            let isTaken = tasks.add { number in
                connection.assumeIsolated { connection in
                    connection.start(scope) { error in
                        if let error { onError?(connection, error) }
                        tasks.ended(number, error)
                    }
                }
            }
            if !isTaken { transport.abort(EndReason(.aborted, detail: "the server shuts down")) }
        }
        let listening = Suspension()
        channel.closeFuture.whenComplete { _ in listening.wake() }
        while channel.isActive {
            if await listening.wait() { break }
        }
        let isLost = !channel.isActive && !isStopping
        await stopListening()
        tasks.close()
        let timer = deadline.map { deadline in
            channel.eventLoop.scheduleTask(in: TimeAmount(deadline)) { [acceptGate] in
                let detail = "the server shut down and waited \(deadline) for the connection"
                acceptGate.value.abort(EndReason(.timedOut, detail: detail))
                tasks.cancel()
            }
        }
        let report = await tasks.wait()
        timer?.cancel()
        // What was accepted, and came too late for a handler.
        await shutdown(within: .zero)
        guard !isLost else {
            throw StreamError(operation: .listen, address: address, error: ChannelError.ioOnClosedChannel)
        }
        return report
    }
}

extension Connection {
    /// Starts the task of a handler on this event loop.
    fileprivate func start(
        _ scope: @escaping @Sendable (isolated Connection) async throws -> Void,
        ended: @escaping @Sendable ((any Error)?) -> Void
    ) -> Task<Void, Never> {
        Task {
            do {
                try await scope(self)
                ended(nil)
            } catch {
                ended(error)
            }
        }
    }
}
