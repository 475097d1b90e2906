import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A pipe by which an event loop wakes itself for its next turn, behind the sockets that are ready by then.
///
/// A timer does the same, but to set one so short, to sleep and to be woken takes the loop some 20 µs, where a byte in a pipe
/// takes 2: at full speed a stream ends its turn every 300 µs.
final class TurnBell: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let heard: () -> Void
    /// Nil until the pipe is watched by the loop, and again when it no longer is.
    private var mouth: CInt?
    private let clapper: CInt

    /// Hangs a bell on a loop, from its thread; it rings from one of the next turns on.
    ///
    /// - Returns: Nil if the loop is of a kind that watches no descriptors, or there is no descriptor left.
    static func hang(on eventLoop: any EventLoop, heard: @escaping () -> Void) -> TurnBell? {
        guard let bootstrap = NIOPipeBootstrap(validatingGroup: eventLoop) else { return nil }
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        let (ear, clapper) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(clapper, F_SETFL, O_NONBLOCK)
        let bell = TurnBell(clapper: clapper, heard: heard)
        let bound = NIOLoopBound(bell, eventLoop: eventLoop)
        bootstrap
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .takingOwnershipOfDescriptor(input: ear)
            .whenFailure { _ in
                // The bootstrap closes what it has taken only if it succeeds in taking it.
                close(ear)
                close(clapper)
            }
        return bell
    }

    private init(clapper: CInt, heard: @escaping () -> Void) {
        self.clapper = clapper
        self.heard = heard
    }

    /// Has `heard` called in the next turn of the loop.
    ///
    /// - Returns: Whether it will be; a bell that does not hang yet, or no longer, stays silent.
    func ring() -> Bool {
        guard let mouth else { return false }
        var byte: UInt8 = 0
        return write(mouth, &byte, 1) == 1
    }

    func channelActive(context: ChannelHandlerContext) {
        mouth = clapper
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        heard()
    }

    func channelInactive(context: ChannelHandlerContext) {
        mouth = nil
        close(clapper)
    }
}

@available(*, unavailable)
extension TurnBell: Sendable {}
