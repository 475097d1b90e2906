public import Penstock

/// A transport in memory, as strict as one on a socket: the test is its kernel and its peer.
///
/// **Outbound.** What is written counts toward the level until the kernel has taken it: each byte, and ``Configuration/overhead``
/// for each element that has not left whole. It is offered to the kernel at the end of the turn in which it was written, and
/// ``kernelTakes(_:)`` makes room there. ``sent`` has the bytes that left, ``writeSide`` how the write side stands on the wire.
///
/// **Inbound.** ``peerSends(_:)``, ``peerFinishes()`` and ``peerResets(_:)`` are what the peer does. Nothing is delivered after a
/// pause; that the peer is gone is told at once, and to the consumer behind what came before (C7.1, C7.2).
///
/// ```swift
/// let clock = VirtualClock()
/// let transport = TestTransport(kernel: ScriptedKernel(space: 0), scheduler: clock)
/// try answer.attach(to: transport)
/// clock.settle()
/// transport.kernelTakes(1000)
/// #expect(transport.sent.count == 1000)
/// ```
///
/// All calls, the signals that follow from them and what goes over the wire are in ``recorder``. Unlike a socket it has no
/// timeouts of its own but those of the end: the deadline of `finish` and the linger. It belongs to the isolation domain that
/// its scheduler serves.
public final class TestTransport: Transport, GatedConsumer {
    /// Bytes.
    public typealias Element = [UInt8]
    /// Bytes.
    public typealias Output = [UInt8]

    /// The outbound side: marks, holds, observer, `onEnd`.
    public let gate: Gate
    /// The settings this transport was made with.
    public let configuration: Configuration
    /// What takes the outbound bytes; change its script at any time.
    public var kernel: ScriptedKernel

    /// The bytes that the kernel has taken.
    public internal(set) var sent: [UInt8] = []
    /// How the write side stands on the wire.
    public internal(set) var writeSide = WriteSide.open
    /// Whether the connection is over both ways.
    public internal(set) var isOver = false
    /// The bytes that came in.
    public internal(set) var bytesReceived = 0
    /// The bytes that came in and were discarded, because nobody wanted them any more (C7.7).
    public internal(set) var bytesDiscarded = 0
    /// The bytes that came in and wait for the consumer.
    public internal(set) var inboundLevel = 0
    /// The most bytes that have waited for the consumer.
    public internal(set) var inboundPeak = 0

    /// Told once, at once, when no more comes in: the peer has finished, or the connection is lost (C7.2).
    ///
    /// Set after that, it is told before the assignment returns.
    public var onInboundEnd: ((EndReason) -> Void)? {
        didSet { if onInboundEnd != nil, let inboundEnd { tellInboundEnd(inboundEnd) } }
    }

    /// Told once when the connection is over both ways, with the reason.
    ///
    /// Set after that, it is told before the assignment returns.
    public var onClose: ((EndReason) -> Void)? {
        didSet { if onClose != nil, let closed { tellClose(closed) } }
    }

    let transcript: Transcript

    // Outbound: the bytes that the kernel has not taken, and how many of them belong to each element.
    var unsent: [UInt8] = []
    var entries: [Int] = []
    var isConnected: Bool
    var isFlushDue = false

    // Inbound.
    let outlet: Outlet<[UInt8]>
    var held: [[UInt8]] = []
    var isDelivering = false
    var discardsInbound = false
    /// How what comes in has ended, also while the consumer has not been told; nil while more may come.
    var inboundEnd: EndReason?

    // The end.
    var isClosing = false
    var closesAtInboundEnd = false
    var endsBehindPeer = false
    var closeReason: EndReason?
    /// What `onClose` is told; nil while it is not due.
    var closed: EndReason?
    var lingering: ScheduledWork?
    var deadline: ScheduledWork?

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - configuration: Marks, limits and times, as a transport on a socket has them.
    ///   - isConnected: Whether it is connected from the beginning; if not, call ``connect()``.
    ///   - kernel: What takes the outbound bytes; by default one that takes all.
    ///   - scheduler: Serves the isolation domain of the transport.
    ///   - recorder: Where the calls, the signals and what goes over the wire are written down.
    ///   - name: The name in the recorder and in snapshots.
    public init(
        _ configuration: Configuration = Configuration(),
        isConnected: Bool = true,
        kernel: ScriptedKernel = ScriptedKernel(),
        scheduler: any Scheduler,
        recorder: Recorder = Recorder(),
        name: String = ""
    ) {
        self.configuration = configuration
        self.isConnected = isConnected
        self.kernel = kernel
        transcript = Transcript(recorder, name: name)
        outlet = Outlet(scheduler: scheduler)
        let flow = FlowControl(marks: configuration.marks, limit: configuration.limit, isConnected: isConnected)
        gate = Gate(name: name.isEmpty ? "test transport" : name, flow: flow, scheduler: scheduler)
        gate.owner = self
    }

    /// Where the calls, the signals and what goes over the wire are written down.
    public var recorder: Recorder { transcript.recorder }

    /// The producer that is registered, as it was handed to this transport; nil if none is.
    public var producer: (any Producer)? { gate.flow.kind == .none ? nil : transcript.producer }

    /// Unknown: the peer decides.
    public var expectedWeight: Int? { nil }
}

@available(*, unavailable)
extension TestTransport: Sendable {}
