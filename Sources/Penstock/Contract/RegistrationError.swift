/// Why a producer could not be registered or a source not attached.
public struct RegistrationError: Error, Hashable, Sendable, CustomStringConvertible {
    private enum Code: Hashable, Sendable {
        case alreadyRegistered, alreadyAttached, sourceEnded
    }

    private let code: Code

    /// The consumer has a producer; unregister it first (C1.1).
    public static let alreadyRegistered = RegistrationError(code: .alreadyRegistered)
    /// The source is attached to a consumer; it can serve one at a time.
    public static let alreadyAttached = RegistrationError(code: .alreadyAttached)
    /// The source has produced all it has, or was stopped.
    public static let sourceEnded = RegistrationError(code: .sourceEnded)

    /// What was wrong, for a person.
    public var description: String {
        switch code {
        case .alreadyRegistered: "the consumer already has a producer; unregister it first"
        case .alreadyAttached: "the source is already attached to a consumer"
        case .sourceEnded: "the source has ended and produces nothing more"
        }
    }
}
