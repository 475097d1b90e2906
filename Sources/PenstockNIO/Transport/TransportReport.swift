public import Penstock

/// What a connection has moved, and how it ended.
public struct TransportReport: Sendable, CustomStringConvertible {
    /// Why the connection is over: an orderly end of both sides, or what cut it short.
    public var end: EndReason
    /// The bytes that came in.
    public var bytesReceived: Int
    /// The bytes that came in and were discarded because nobody wanted them any more.
    public var bytesDiscarded: Int
    /// The bytes that were accepted to go out.
    public var bytesAccepted: Int
    /// The bytes that were handed to the kernel.
    public var bytesSent: Int

    /// The end, then the figures.
    public var description: String {
        "\(end): \(bytesReceived) bytes received, \(bytesDiscarded) discarded, \(bytesSent) of \(bytesAccepted) sent"
    }

    /// The accepted bytes that did not go out.
    public var bytesDropped: Int { bytesAccepted - bytesSent }
}
