/// What an orderly end of a source does to the consumer it is attached to.
public enum EndPolicy: Hashable, Sendable {
    /// The consumer stays open for the next producer.
    case leaveOpen
    /// The consumer is finished.
    case finish
}
