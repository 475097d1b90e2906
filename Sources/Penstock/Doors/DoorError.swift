/// Why an asynchronous door could not be used.
public struct DoorError: Error, Hashable, Sendable, CustomStringConvertible {
    private enum Code: Hashable, Sendable {
        case alreadyReading, writerFinished, writerUnregistered
    }

    private let code: Code

    /// Somebody else reads from the same place; elements go to one reader only.
    public static let alreadyReading = DoorError(code: .alreadyReading)
    /// The writer was finished; it takes nothing more.
    public static let writerFinished = DoorError(code: .writerFinished)
    /// Somebody else has unregistered the writer from its consumer, which cannot tell it any more when there is room.
    public static let writerUnregistered = DoorError(code: .writerUnregistered)

    /// What was wrong, for a person.
    public var description: String {
        switch code {
        case .alreadyReading: "somebody else is reading; there can be only one reader at a time"
        case .writerFinished: "the writer was finished and takes nothing more"
        case .writerUnregistered: "somebody else has unregistered the writer; make a new one to go on"
        }
    }
}
