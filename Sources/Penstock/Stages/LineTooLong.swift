/// A line exceeded the length that a ``LineFramer`` allows.
public struct LineTooLong: Error, Hashable, Sendable, CustomStringConvertible {
    /// The most bytes a line may have, without its end.
    public var maximumLength: Int

    /// Creates the error.
    public init(maximumLength: Int) {
        self.maximumLength = maximumLength
    }

    /// What was wrong, for a person.
    public var description: String { "a line is longer than the \(maximumLength) bytes that are allowed" }
}
