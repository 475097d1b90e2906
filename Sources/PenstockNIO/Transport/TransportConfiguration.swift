public import Penstock

/// How a transport behaves: its marks, limits and timeouts; every one has a default, and nil turns a limit off.
public struct TransportConfiguration: Sendable {
    /// When the producer of what goes out is paused and resumed; 32 KiB and 64 KiB by default.
    public var marks: Watermarks
    /// The hard limit of the outbound level (C10.3); 64 times the high mark by default.
    public var limit: Int?
    /// The most bytes that are read at once; 256 KiB by default.
    ///
    /// Reads begin small and grow while the peer fills them and the
    /// consumer keeps up.
    public var largestRead: Int = 256 << 10
    /// The most that the kernel may hold of what comes in over TCP (C7.6); 1 MiB by default, nil leaves it to the kernel.
    ///
    /// Past a pause the peer can send this much and no more, and that is what a transport is handed at once when the peer then
    /// finishes, beside one read of at most ``largestRead`` that was under way; it counts as ``ChannelTransport/inboundLevel``.
    /// A connection to a peer far away moves at most this much in a round trip. On Linux it is the size of the receive buffer,
    /// packets' overhead included, from the time the socket listens or connects; the system's `net.core.rmem_max` may allow
    /// less. UNIX sockets are bounded by the sender's buffer, and on other systems the kernel's own limits hold.
    public var receiveWindow: Int? = 1 << 20
    /// Whether the end of the input leaves the write side open (C7.3); true by default.
    ///
    /// If false, the end of the input ends the connection once what was accepted has gone out.
    public var allowsHalfClosure = true
    /// How long `finish()` may take before it becomes an abort; 30 seconds by default.
    public var finishDeadline: Duration? = .seconds(30)
    /// How long a finished or failed connection waits for the peer before it is closed; 5 seconds by default.
    public var linger: Duration = .seconds(5)
    /// How long nothing may come in or go out; 5 minutes by default.
    public var idleTimeout: Duration? = .seconds(300)
    /// How long the peer may take nothing while something waits for it; 1 minute by default.
    public var stallTimeout: Duration? = .seconds(60)

    /// Creates a configuration with all defaults, but for the marks.
    public init(marks: Watermarks = .bytes) {
        self.marks = marks
        limit = FlowControl.defaultLimit(for: marks)
    }
}
