import DequeModule
public import NIOCore
public import Penstock

/// A NIO channel of bytes as a consumer of what goes out and a push producer of what comes in.
///
/// It is lent: ``StreamServer``, ``StreamClient`` and `installTransport` hand it to a closure on its event loop, and the
/// compiler keeps it there. Everything of one connection, and of those it relays to, runs on that loop without a lock.
///
/// **Outbound.** The level is what was written and the kernel has not taken, to the byte, plus 64 for each element that has not
/// left whole (C4.6). Writes are flushed once a turn.
///
/// **Inbound.** Nothing is read until a consumer is attached (C7.5), and nothing is delivered after a pause (C7.1). That the peer
/// has finished or reset is learned while paused, too, and ``onInboundEnd`` is told at once (C7.2).
///
/// **The end.** ``finish(within:)`` ends both sides, ``finishWriting()`` the outbound one. ``onEnd`` tells the end of what goes
/// out, ``onClose`` the end of everything, when the descriptor is closed.
public final class ChannelTransport: Transport, GatedConsumer {
    /// Bytes, as NIO has them.
    public typealias Element = ByteBuffer
    /// Bytes, as NIO has them.
    public typealias Output = ByteBuffer

    /// How the level is learned.
    enum Accounting {
        /// From the channel itself, to the byte.
        case exact
        /// From promises on slices, on channels that somebody else made.
        case promises
    }

    /// The outbound side: marks, holds, observer, meters.
    public let gate: Gate
    /// The scheduler of the event loop, to be given to what is built on this transport.
    public let scheduler: EventLoopScheduler
    /// The settings this transport was made with.
    public let configuration: TransportConfiguration
    /// The channel, for its addresses and attributes; `Sendable`, unlike the transport.
    public let channel: any Channel

    /// Told once, at once, when no more comes in: the peer has finished, or the connection is lost (C7.2).
    ///
    /// Set after that, it is told before the assignment returns.
    public var onInboundEnd: ((EndReason) -> Void)? {
        didSet { if onInboundEnd != nil, let inboundEnd { tellInboundEnd(inboundEnd) } }
    }
    /// Called when the server shuts down gracefully; by default the transport is finished (``finish(within:)``).
    ///
    /// Set it to let what is under way come to its own end; the server's deadline aborts what has not.
    public var onShutdown: (() -> Void)?
    /// Told once when the connection is over and its descriptor is closed.
    ///
    /// Set after that, it is told before the assignment returns.
    public var onClose: ((TransportReport) -> Void)? {
        didSet { if onClose != nil, let report { tellClose(report) } }
    }

    /// The bytes that came in.
    public internal(set) var bytesReceived = 0
    /// The bytes that came in and were discarded.
    public internal(set) var bytesDiscarded = 0
    /// The bytes that were accepted to go out.
    public internal(set) var bytesAccepted: Int {
        get { outbound.value.bytesAccepted }
        set { outbound.value.bytesAccepted = newValue }
    }
    /// The bytes that came in and wait for the consumer to resume: of one read that was under way when it paused, and, once
    /// the peer has finished, what the kernel held, at most the ``TransportConfiguration/receiveWindow`` (C7.6).
    public internal(set) var inboundLevel = 0
    /// The most bytes that have waited for the consumer.
    public internal(set) var inboundPeak = 0

    /// Called once when the connection is there.
    var onConnected: ((ChannelTransport) -> Void)?

    let accounting: Accounting
    /// Kept, because to make it anew costs more than to ask it.
    let options: (any NIOSynchronousChannelOptions)?
    let readSize: ReadSize?
    var context: ChannelHandlerContext? {
        get { outbound.value.context }
        set { outbound.value.context = newValue }
    }

    // Outbound.
    var early: Deque<ByteBuffer> = []
    let outbound = Cell(OutboundLedger())

    // Inbound.
    let outlet: Outlet<ByteBuffer>
    var held: Deque<ByteBuffer> = []
    var isDelivering = false
    var isReadHeld = false
    var burst = 0
    /// The transport that this one is relayed to.
    weak var sink: ChannelTransport?
    var readTurn: UInt64 = 0
    var discardsInbound = false
    /// How what comes in has ended, also while it has not been delivered; nil while more may come.
    var inboundEnd: EndReason?

    // The end.
    var isOver = false
    var isOutputClosed = false
    var isClosing = false
    var closesAtInboundEnd = false
    var endsBehindPeer = false
    var closeReason: EndReason?
    /// What `onClose` was told; nil while it was not.
    var report: TransportReport?
    var lastError: (any Error)?
    var lingering: ScheduledWork?
    var deadline: ScheduledWork?
    let watch: ActivityWatch

    init(
        channel: any Channel,
        configuration: TransportConfiguration,
        accounting: Accounting,
        readSize: ReadSize?
    ) {
        self.channel = channel
        self.configuration = configuration
        self.accounting = accounting
        options = channel.syncOptions
        self.readSize = readSize
        scheduler = EventLoopScheduler.current(on: channel.eventLoop)
        outlet = Outlet(scheduler: scheduler)
        watch = ActivityWatch(
            scheduler: scheduler,
            idleTimeout: configuration.idleTimeout,
            stallTimeout: configuration.stallTimeout
        )
        let flow = FlowControl(marks: configuration.marks, limit: configuration.limit, isConnected: channel.isActive)
        gate = Gate(name: "transport", flow: flow, scheduler: scheduler)
        gate.owner = self
        // Grown in the middle of a transfer it would keep a page among the large buffers that come and go.
        outbound.value.entries.reserveCapacity(4)
    }

    /// The bytes that were handed to the kernel, to the byte.
    ///
    /// If a write found the peer gone, NIO does not say what the kernel had taken since it was last asked: then they are at
    /// least this many, and less than the level more.
    public var bytesSent: Int { bytesAccepted - bytesWaiting - droppedBytes }

    /// What the channel holds now; less than `pendingBytes` if the kernel has taken some that was not counted yet.
    var bytesWaiting: Int {
        guard accounting == .exact, gate.end == nil, !outbound.value.entries.isEmpty, early.isEmpty else {
            return pendingBytes
        }
        return (try? options?.getOption(.bufferedWritableBytes)) ?? pendingBytes
    }

    /// The bytes that were handed to the channel and are not known to be taken.
    var pendingBytes: Int { outbound.value.pendingBytes }

    var droppedBytes = 0

    /// Unknown: the peer decides.
    public var expectedWeight: Int? { nil }

    /// When the producer is paused and resumed; setting it takes effect at once.
    public var marks: Watermarks {
        get { gate.marks }
        set {
            refresh()
            gate.marks = newValue
            drained()
        }
    }

    /// How the outbound side stands, with its level as of now.
    public var snapshot: FlowSnapshot {
        var snapshot = gate.snapshot
        snapshot.level -= takenWeight(of: pendingBytes - bytesWaiting).weight
        snapshot.name = "transport to \(channel.remoteAddress.map(String.init(describing:)) ?? "peer")"
        return snapshot
    }
}

@available(*, unavailable)
extension ChannelTransport: Sendable {}
