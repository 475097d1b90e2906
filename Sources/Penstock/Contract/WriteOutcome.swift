/// What a consumer says to a write.
public enum WriteOutcome: Hashable, Sendable {
    /// The element was taken and there is room for more.
    case room
    /// The element was taken; the consumer wants no more until it resumes its producer.
    case full
    /// The stream is over: the element was dropped and counted.
    case closed
}
