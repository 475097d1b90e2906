import NIOCore
import Penstock

/// Sits at the end of a pipeline and passes on to the transport what the channel has to say.
final class TransportHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    var transport: ChannelTransport? { slot.value }
    private let slot: Cell<ChannelTransport?>

    init(transport: ChannelTransport) {
        slot = Cell(transport)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        transport?.added(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        transport?.removed()
        slot.value = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        transport?.connected()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        transport?.disconnected()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        transport?.received(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        transport?.receivedAll()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { transport?.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { transport?.inputClosed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        transport?.failed(error)
    }

    /// Reading is paused by holding this event back, so that options which others look at stay as they are.
    func read(context: ChannelHandlerContext) {
        if transport?.mayRead() ?? true { context.read() }
    }
}
