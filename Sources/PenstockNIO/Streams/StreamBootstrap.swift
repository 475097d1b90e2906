public import NIOCore
import NIOPosix
import Penstock

/// What our own channels have in common, accepted and connected ones.
enum StreamBootstrap {
    /// The size of the kernel's receive buffer (SO_RCVBUF) that bounds what it holds past a pause (C7.6); nil for its default.
    ///
    /// Takes effect on a socket that listens, whose connections inherit it, or that is not yet connected: the scale of the
    /// window is agreed upon with the peer.
    static func receiveBuffer(isTCP: Bool, _ configuration: TransportConfiguration) -> SocketOptionValue? {
        #if os(Linux)
            guard isTCP, let window = configuration.receiveWindow else { return nil }
            // Linux doubles the value, and counts its own overhead against that. How much it offers of it as a window follows the
            // packets it sees, from half to nearly all. A set size also ends its tuning, which raises the window with the
            // speed of the peer to whatever tcp_rmem allows, and TCP_WINDOW_CLAMP along with it.
            return SocketOptionValue(CInt(clamping: window / 2))
        #else
            return nil
        #endif
    }

    /// Sets the options that the transport's accounting rests on, and puts the transport at the end of the pipeline.
    ///
    /// Called on the channel's event loop, where the transport is born.
    static func install(
        on channel: any Channel,
        configuration: TransportConfiguration,
        connected: @escaping (ChannelTransport) -> Void
    ) throws {
        let readSize = ReadSize(largest: configuration.largestRead)
        if let options = channel.syncOptions {
            try options.setOption(.writeBufferWaterMark, value: .init(edgeAt: 0))
            try options.setOption(.allowRemoteHalfClosure, value: true)
            try options.setOption(.recvAllocator, value: readSize)
            // Every single read asks again whether there is room.
            try options.setOption(.maxMessagesPerRead, value: 1)
        }
        let transport = ChannelTransport(
            channel: channel,
            configuration: configuration,
            accounting: .exact,
            readSize: readSize
        )
        transport.onConnected = connected
        try channel.pipeline.syncOperations.addHandler(TransportHandler(transport: transport))
    }
}

extension Channel {
    /// Adds a transport to the end of this channel's pipeline and lends it to a closure on the event loop.
    ///
    /// For channels that somebody else made: no option is touched, so the level is known to half the low mark instead of to
    /// the byte (C4.6), and what happens at the peer's end of input is the channel's choice (`allowRemoteHalfClosure`).
    ///
    /// - Precondition: Called on the channel's event loop.
    public func installTransport(
        configuration: TransportConfiguration = TransportConfiguration(),
        _ body: (ChannelTransport) -> Void
    ) throws {
        let transport = ChannelTransport(
            channel: self,
            configuration: configuration,
            accounting: .promises,
            readSize: nil
        )
        try pipeline.syncOperations.addHandler(TransportHandler(transport: transport))
        body(transport)
    }
}

extension ChannelOptions.Types.WriteBufferWaterMark {
    /// The marks with which NIO says "writable" at the edge where the bytes it holds fall to a low mark.
    init(edgeAt low: Int) {
        let mark = min(low, Int.max - 1) + 1
        self.init(low: mark, high: mark)
    }
}
