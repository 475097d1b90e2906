/// A text is not an address.
public struct StreamAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text.
    public var text: String
    /// What is wrong with it.
    public var problem: String

    /// What is wrong and what was expected, for a person.
    public var description: String {
        "'\(text)' is not an address: \(problem) (expected HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH)"
    }
}
