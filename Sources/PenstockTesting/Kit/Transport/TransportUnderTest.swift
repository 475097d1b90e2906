public import Penstock

/// A transport with its peer, its clock, and what is needed to observe it; made afresh for every check.
///
/// ```swift
/// var subject = TransportUnderTest(transport, clock: TrialClock(clock), peer: peer, element: { $0 }, bytes: { $0 })
/// subject.onEnd = { transport.onEnd = $0 }
/// subject.onInboundEnd = { transport.onInboundEnd = $0 }
/// ```
///
/// What is left nil is not looked at, and the checks that need it do not apply.
public struct TransportUnderTest<Element> {
    /// What came in, in bytes.
    public struct Input: Hashable, Sendable {
        /// All that came in.
        public var received: Int
        /// What came in and waits for the consumer: the inbound level (C7.6).
        public var waiting: Int

        /// Creates figures.
        public init(received: Int, waiting: Int) {
            self.received = received
            self.waiting = waiting
        }
    }

    /// The transport.
    public let transport: any Transport<Element>
    /// Its turns and its time.
    public let clock: TrialClock
    /// Its peer.
    public let peer: TransportPeer
    /// An element of these bytes, at least one.
    public let element: ([UInt8]) -> Element
    /// The bytes of an element.
    public let bytes: (Element) -> [UInt8]

    /// Has the end of the outbound side told (C6.9).
    public var onEnd: ((@escaping (EndReason, Delivery) -> Void) -> Void)?
    /// Has the end of what comes in told (C7.2).
    public var onInboundEnd: ((@escaping (EndReason) -> Void) -> Void)?
    /// Has it told that the connection is over both ways.
    public var onClose: ((@escaping (EndReason) -> Void) -> Void)?
    /// Has every error told that came after the first (C6.7).
    public var onSecondError: ((@escaping (EndReason) -> Void) -> Void)?
    /// Answers what came in.
    public var input: (() -> Input)?
    /// Answers how many bytes came in and were discarded (C7.7).
    public var discarded: (() -> Int)?
    /// Upgrades the transport in place, as STARTTLS does (C1.8).
    public var upgrade: (() async throws -> Void)?
    /// Lets go of the connection and what belongs to it.
    public var close: () async -> Void = {}

    /// Creates a subject.
    ///
    /// - Parameters:
    ///   - transport: The transport.
    ///   - clock: Its turns and its time.
    ///   - peer: Its peer.
    ///   - element: Makes an element of bytes.
    ///   - bytes: Answers the bytes of an element.
    public init(
        _ transport: any Transport<Element>,
        clock: TrialClock,
        peer: TransportPeer,
        element: @escaping ([UInt8]) -> Element,
        bytes: @escaping (Element) -> [UInt8]
    ) {
        self.transport = transport
        self.clock = clock
        self.peer = peer
        self.element = element
        self.bytes = bytes
    }
}

@available(*, unavailable)
extension TransportUnderTest: Sendable {}
