/// The other end of a transport under test, and the kernel between the two, as a check commands them.
///
/// At first the peer reads nothing. Whatever a closure does may take effect later; a check settles the clock before it looks.
public struct TransportPeer {
    /// How the write side of the transport ended, as the peer sees it.
    public enum WriteEnd: Hashable, Sendable {
        /// It has not ended.
        case open
        /// In order, with a FIN.
        case finished
        /// With a reset or an error.
        case reset
    }

    /// Lets the connection stand; nil if it always stands from the beginning.
    public var connect: (() async throws -> Void)?
    /// Sends bytes, and answers how many of them were taken off the peer's hands; fewer if the way is full.
    public var send: ([UInt8]) async throws -> Int
    /// Ends the peer's side in order.
    public var finish: () async throws -> Void
    /// Loses the connection, as far as possible with a reset.
    public var reset: () async throws -> Void
    /// Reads this many bytes more, when they come; `.max` for all that will ever come.
    public var take: (Int) async throws -> Void
    /// What the peer has read.
    public var received: () async -> [UInt8]
    /// How many bytes the kernel has taken from the transport; nil if this cannot be known from outside.
    public var taken: (() async -> Int)?
    /// How the write side of the transport stands.
    public var writeEnd: () async -> WriteEnd

    /// Creates a peer.
    ///
    /// - Parameters:
    ///   - connect: Lets the connection stand; nil if it always does from the beginning.
    ///   - send: Sends bytes, and answers how many of them were taken.
    ///   - finish: Ends the peer's side in order.
    ///   - reset: Loses the connection.
    ///   - take: Reads this many bytes more, when they come.
    ///   - received: What the peer has read.
    ///   - taken: How many bytes the kernel has taken.
    ///   - writeEnd: How the write side of the transport stands.
    public init(
        connect: (() async throws -> Void)? = nil,
        send: @escaping ([UInt8]) async throws -> Int,
        finish: @escaping () async throws -> Void,
        reset: @escaping () async throws -> Void,
        take: @escaping (Int) async throws -> Void,
        received: @escaping () async -> [UInt8],
        taken: (() async -> Int)?,
        writeEnd: @escaping () async -> WriteEnd
    ) {
        self.connect = connect
        self.send = send
        self.finish = finish
        self.reset = reset
        self.take = take
        self.received = received
        self.taken = taken
        self.writeEnd = writeEnd
    }
}

@available(*, unavailable)
extension TransportPeer: Sendable {}
