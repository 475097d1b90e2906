import NIOCore

/// Writes one chunk after another while the channel is writable, until it has written so many bytes, then ends.
final class PumpHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let chunk: ByteBuffer
    private var left: Int

    /// Creates a handler that writes `bytes` bytes in pieces of `chunk`.
    init(bytes: Int, chunk: ByteBuffer) {
        self.chunk = chunk
        left = bytes
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { pump(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        pump(context)
        context.fireChannelActive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump(context)
        context.fireChannelWritabilityChanged()
    }

    private func pump(_ context: ChannelHandlerContext) {
        guard left > 0 else { return }
        while left > 0, context.channel.isWritable {
            let piece = left >= chunk.readableBytes ? chunk : chunk.getSlice(at: chunk.readerIndex, length: left)
            guard let piece else { break }
            left -= piece.readableBytes
            context.write(wrapOutboundOut(piece), promise: nil)
        }
        context.flush()
        if left == 0 { context.close(mode: .output, promise: nil) }
    }
}

/// Counts what arrives and fulfils a promise with the number of bytes when the channel ends.
final class CountHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var bytes = 0
    private let done: EventLoopPromise<Int>

    /// Creates a handler that fulfils `done` at the end.
    init(done: EventLoopPromise<Int>) {
        self.done = done
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytes
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.succeed(bytes)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
        context.close(promise: nil)
    }
}
