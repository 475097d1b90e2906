public import Penstock

/// A connection did not come to its graceful end: why, and how many of the accepted bytes were handed over.
public struct ConnectionError: Error, Sendable, CustomStringConvertible {
    /// Why it ended.
    public var end: EndReason
    /// What is known of the bytes.
    public var delivery: Connection.Delivery

    /// Creates an error.
    public init(end: EndReason, delivery: Connection.Delivery) {
        self.end = end
        self.delivery = delivery
    }

    /// The reason, then the figures.
    public var description: String { "\(end); \(delivery)" }
}
