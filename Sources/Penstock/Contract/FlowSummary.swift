/// What a flow has moved so far (C6.8).
public struct FlowSummary: Hashable, Sendable, CustomStringConvertible {
    /// The elements handed to the consumer.
    public var elements: Int
    /// The weight that the consumer accepted from the attachment to the end of the flow, as it weighs elements.
    ///
    /// That is the weight of the flow's own elements if nobody else wrote to the consumer in that time (C3.3); what others wrote
    /// is in it. Elements of one flow are not weighed a second time for this.
    public var weight: Int
    /// How often the producer was paused; always 0 for a pull producer, which is asked less often instead.
    public var pauses: Int
    /// How long the producer was paused, all pauses together.
    public var timePaused: Duration
    /// The highest level the consumer has reached, before the flow or in it, whoever wrote.
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
