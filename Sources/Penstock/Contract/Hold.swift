/// A named reason, other than the level, for which a consumer does not want elements for now.
///
/// Holds are a set: any number of reasons can be there at once, and the producer goes on only when none is left.
public struct Hold: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// What is shown to people; names of up to 15 bytes cost no allocation.
    public let name: String

    /// Creates a hold with a name.
    public init(_ name: String) {
        self.name = name
    }

    /// Creates a hold from a literal name.
    public init(stringLiteral value: String) {
        self.name = value
    }

    /// The owner of the consumer paused it.
    public static let owner = Hold("owner")
    /// A ``TokenBucket`` has no tokens left.
    public static let rateLimit = Hold("rate limit")
    /// An ``Account`` has no credit left.
    public static let budget = Hold("budget")
    /// The stage's own consumer is full, or there is none yet.
    public static let downstream = Hold("downstream")

    /// The name.
    public var description: String { name }
}
