/// A stream did not come to its orderly end: why, and what became of what was written.
public struct DeliveryError: Error, Sendable, CustomStringConvertible {
    /// Why it ended.
    public var end: EndReason
    /// What was accepted, dropped and refused until then.
    public var delivery: Delivery

    /// Creates an error.
    public init(end: EndReason, delivery: Delivery) {
        self.end = end
        self.delivery = delivery
    }

    /// The reason, then the figures.
    public var description: String { "\(end); \(delivery)" }
}
