/// What a flow has moved so far (C6.8).
public struct FlowSummary: Hashable, Sendable, CustomStringConvertible {
    /// The elements handed to the consumer.
    public var elements: Int
    /// Their weight, as the consumer weighs them.
    public var weight: Int
    /// How often the producer was paused; always 0 for a pull producer, which is asked less often instead.
    public var pauses: Int
    /// How long the producer was paused, all pauses together.
    public var timePaused: Duration
    /// The highest level the consumer has reached.
    public var peakLevel: Int
    /// From the attachment to the end.
    public var duration: Duration

    /// All figures in one line.
    public var description: String {
        "\(elements) elements of weight \(weight) in \(duration), peak level \(peakLevel), "
            + "\(pauses) pauses of \(timePaused) together"
    }

    /// Creates a summary.
    public init(
        elements: Int = 0,
        weight: Int = 0,
        pauses: Int = 0,
        timePaused: Duration = .zero,
        peakLevel: Int = 0,
        duration: Duration = .zero
    ) {
        self.elements = elements
        self.weight = weight
        self.pauses = pauses
        self.timePaused = timePaused
        self.peakLevel = peakLevel
        self.duration = duration
    }
}
