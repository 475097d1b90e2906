public import NIOCore
import NIOPosix
import Penstock

/// What our own channels have in common, accepted and connected ones.
enum StreamBootstrap {
    /// TCP_WINDOW_CLAMP of Linux, which Swift's C module does not name.
    private static let windowClamp = ChannelOptions.Types.SocketOption(
        level: .tcp,
        name: NIOBSDSocket.Option(rawValue: 10)
    )

    /// Sets the options that the transport's accounting rests on, and puts the transport at the end of the pipeline.
    ///
    /// Called on the channel's event loop, where the transport is born.
    static func install(
        on channel: any Channel,
        isTCP: Bool,
        configuration: TransportConfiguration,
        connected: @escaping (ChannelTransport) -> Void
    ) throws {
        let readSize = ReadSize(largest: configuration.largestRead)
        if let options = channel.syncOptions {
            try options.setOption(.writeBufferWaterMark, value: .init(edgeAt: configuration.marks.low))
            try options.setOption(.allowRemoteHalfClosure, value: true)
            try options.setOption(.recvAllocator, value: readSize)
            // Every single read asks again whether there is room.
            try options.setOption(.maxMessagesPerRead, value: 1)
            #if os(Linux)
                if isTCP, let window = configuration.receiveWindow { try options.setOption(windowClamp, value: window) }
            #endif
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
