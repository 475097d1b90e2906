import NIOCore
import Penstock

/// Accepts connections only while the server serves and has a place for one more, and knows those that are open.
///
/// The others wait in the kernel's queue, where they cost the process nothing. Lives on the loop of the listening channel.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = any Channel

    private let limit: Int?
    private var isServing = false
    private var isReadHeld = false
    private var context: ChannelHandlerContext?
    private var connections: [ObjectIdentifier: any Channel] = [:]
    private var drained: EventLoopPromise<Void>?

    init(limit: Int?) {
        self.limit = limit
    }

    var connectionCount: Int { connections.count }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let connection = unwrapInboundIn(data)
        let id = ObjectIdentifier(connection)
        connections[id] = connection
        connection.closeFuture.hop(to: context.eventLoop).assumeIsolated().whenComplete { _ in
            self.connections[id] = nil
            self.proceed()
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if hasPlace { context.read() } else { isReadHeld = true }
    }

    func serve() {
        isServing = true
        proceed()
    }

    /// Asks every connection to come to its end, and aborts those that have not by the deadline.
    func drain(within deadline: Duration?, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = drained ?? eventLoop.makePromise(of: Void.self)
        if drained == nil {
            drained = promise
            for connection in connections.values {
                Self.onTransport(of: connection) { transport in
                    guard let onShutdown = transport.onShutdown else { return transport.finish(within: deadline) }
                    onShutdown()
                }
            }
        }
        // Whoever asks a second time may be in more of a hurry.
        if let deadline {
            let timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(deadline)) {
                self.abort(
                    EndReason(.timedOut, detail: "the server shut down and waited \(deadline) for the connection")
                )
            }
            promise.futureResult.assumeIsolated().whenComplete { _ in timer.cancel() }
        }
        proceed()
        return promise.futureResult
    }

    func abort(_ reason: EndReason) {
        for connection in connections.values { Self.onTransport(of: connection) { $0.abort(reason) } }
    }

    private var hasPlace: Bool { isServing && connections.count < limit ?? .max }

    private func proceed() {
        if connections.isEmpty { drained?.succeed() }
        guard hasPlace, isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    private static func onTransport(
        of connection: any Channel,
        _ body: @escaping @Sendable (ChannelTransport) -> Void
    ) {
        connection.eventLoop.execute {
            let handler = try? connection.pipeline.syncOperations.handler(type: TransportHandler.self)
            guard let transport = handler?.transport else { return connection.close(promise: nil) }
            body(transport)
        }
    }
}
