import NIOCore
import PenstockTesting

/// Plays the socket at the head of a channel: a scripted kernel takes what is written, and a check is the peer.
///
/// It completes the promise of a write when the last byte of it is taken, reads when it is asked to, and tells a FIN or a reset
/// behind all that came before, asked or not, as NIO does.
final class ScriptedHead: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What was taken.
    private(set) var sent: [UInt8] = []
    /// How the write side ended on the wire.
    private(set) var writeEnd = TransportPeer.WriteEnd.open

    private var kernel = ScriptedKernel(space: 0)
    private var waiting: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    private var flushed = 0
    private var isPumping = false
    private var arrived: [ByteBuffer] = []
    private var isReading = false
    private var isReadDue = false
    private var hasPeerFinished = false
    private var isClosed = false
    private let window: Int
    private var context: ChannelHandlerContext?

    init(window: Int) { self.window = window }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: The transport's calls

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        // As a channel with automatic reading does.
        context.channel.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Only now, when the channel is closed already, as NIO does.
        let lost = waiting
        waiting = []
        for (_, promise) in lost { promise?.fail(ChannelError.ioOnClosedChannel) }
        context.fireChannelInactive()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosed else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
        waiting.append((unwrapOutboundIn(data), promise))
    }

    func flush(context: ChannelHandlerContext) {
        flushed = waiting.count
        pump()
    }

    func read(context: ChannelHandlerContext) {
        isReading = true
        readLater()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode != .output else {
            writeEnd = .finished
            promise?.succeed(())
            if hasPeerFinished { close() }
            return
        }
        close()
        promise?.succeed(())
    }

    // MARK: The peer

    func allow(_ bytes: Int) {
        kernel.allow(bytes)
        pump()
    }

    /// Takes the oldest slice that was flushed, and answers whether there was one.
    func takeSlice() -> Bool {
        guard flushed > 0, !isClosed else { return false }
        allow(waiting[0].bytes.readableBytes)
        return true
    }

    /// Takes what fits into the window, and answers how much.
    func give(_ bytes: [UInt8]) -> Int {
        guard !isClosed, !hasPeerFinished else { return 0 }
        let room = window - arrived.reduce(0) { $0 + $1.readableBytes }
        let taken = bytes.prefix(max(0, room))
        guard !taken.isEmpty else { return 0 }
        arrived.append(ByteBuffer(bytes: taken))
        readLater()
        return taken.count
    }

    func finish() {
        guard !isClosed, !hasPeerFinished else { return }
        hasPeerFinished = true
        readToTheEnd()
        if writeEnd == .finished { return close() }
        context?.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    func reset() {
        guard !isClosed else { return }
        readToTheEnd()
        context?.fireErrorCaught(IOError(errnoCode: 104, reason: "read"))
        close()
    }

    // MARK: Private

    private func pump() {
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        while flushed > 0, !isClosed {
            let bytes = waiting[0].bytes.readableBytes
            if bytes > 0 {
                guard case .took(let count) = kernel.take(bytes) else { return }
                sent += waiting[0].bytes.readBytes(length: count) ?? []
                guard count == bytes else { continue }
            }
            flushed -= 1
            waiting.removeFirst().promise?.succeed(())
        }
    }

    private func readLater() {
        guard isReading, !isReadDue, !arrived.isEmpty, let context else { return }
        isReadDue = true
        context.eventLoop.assumeIsolated().execute { [self] in
            isReadDue = false
            guard isReading, !arrived.isEmpty else { return }
            isReading = false
            deliver()
        }
    }

    /// A FIN or a reset is told behind what came before, whether or not anybody reads.
    private func readToTheEnd() {
        while !arrived.isEmpty, !isClosed { deliver() }
    }

    private func deliver() {
        guard let context else { return }
        context.fireChannelRead(wrapInboundOut(arrived.removeFirst()))
        context.fireChannelReadComplete()
        if !isClosed { context.channel.read() }
    }

    private func close() {
        guard !isClosed else { return }
        isClosed = true
        if writeEnd == .open { writeEnd = waiting.isEmpty ? .finished : .reset }
        flushed = 0
        context?.close(promise: nil)
    }
}
