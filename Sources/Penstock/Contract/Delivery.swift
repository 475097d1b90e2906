/// What became of the elements that were written to a consumer (C6.9).
public struct Delivery: Hashable, Sendable, CustomStringConvertible {
    /// A number of elements and their weight.
    public struct Amount: Hashable, Sendable, CustomStringConvertible {
        /// How many elements.
        public var elements: Int
        /// Their weight together.
        public var weight: Int

        /// Nothing.
        public static let none = Amount(elements: 0, weight: 0)

        /// Creates an amount.
        public init(elements: Int, weight: Int) {
            self.elements = elements
            self.weight = weight
        }

        /// Such as `3 of weight 40`.
        public var description: String { "\(elements) of weight \(weight)" }

        /// Adds two amounts.
        public static func + (a: Amount, b: Amount) -> Amount {
            Amount(elements: a.elements &+ b.elements, weight: a.weight &+ b.weight)
        }
    }

    /// What was taken into the consumer.
    public var accepted: Amount
    /// What was accepted and then dropped because the stream ended before it went out.
    public var dropped: Amount
    /// What was written after the end and never accepted (C3.2).
    public var refused: Amount

    /// Creates a delivery.
    public init(accepted: Amount = .none, dropped: Amount = .none, refused: Amount = .none) {
        self.accepted = accepted
        self.dropped = dropped
        self.refused = refused
    }

    /// Whether everything that was ever written went out.
    public var isComplete: Bool { dropped.elements == 0 && refused.elements == 0 }

    /// The three amounts in words.
    public var description: String {
        "accepted \(accepted.elements) elements of weight \(accepted.weight), "
            + "dropped \(dropped.elements) of weight \(dropped.weight), refused \(refused.elements)"
    }
}
