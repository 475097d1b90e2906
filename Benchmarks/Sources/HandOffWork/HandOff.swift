/// One way of passing elements from a producer to whoever takes them, with a name and a loop that does it.
public struct HandOff: Sendable {
    /// What this way is called in a report.
    public let name: String

    private let pass: @Sendable (_ elements: Int) -> Int

    /// Creates a way of handing over from a loop that passes so many elements and returns a checksum of them.
    ///
    /// The checksum keeps the optimizer from dropping the loop, and tells whether every element arrived: two ways
    /// that carry the same elements return the same sum.
    public init(_ name: String, pass: @escaping @Sendable (_ elements: Int) -> Int) {
        self.name = name
        self.pass = pass
    }

    /// Passes `elements` elements and returns the checksum of what arrived.
    public func run(elements: Int) -> Int {
        pass(elements)
    }
}

/// What a producer hands over in these measurements.
public enum Payload: String, CaseIterable, Sendable {
    /// The machine integers 0, 1, 2 and so on.
    case int
    /// One and the same `ByteBuffer` of 16 KiB, so that no element costs an allocation of its own.
    case bytes

    /// The capacity of a byte element.
    static let chunkBytes = 16 * 1024
}

/// How the producer is driven, and what it sees of the consumer.
public enum Route: String, CaseIterable, Sendable {
    /// A push producer that writes until it is paused; the consumer's class is known to the compiler.
    case push
    /// A push producer that sees only `any Consumer`.
    case pushAny = "push-any"
    /// A pull producer that writes one element each time it is asked; the consumer's class is known.
    case pull
    /// A pull producer that sees only `any Consumer`.
    case pullAny = "pull-any"
    /// Writes of 64 elements at once by `write(contentsOf:)`, to a consumer whose class is known.
    case batch
}

extension HandOff {
    /// How many elements pass before the reader drains, and the size of a batch.
    static let burst = 64
}
