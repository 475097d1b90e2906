/// How a flow ended: why, and what had been handed over until then.
public struct FlowResult: Sendable, CustomStringConvertible {
    /// Why it ended.
    public var end: EndReason
    /// What was handed over.
    public var summary: FlowSummary

    /// Creates a result.
    public init(end: EndReason, summary: FlowSummary) {
        self.end = end
        self.summary = summary
    }

    /// The end, then the figures.
    public var description: String { "\(end): \(summary)" }

    /// Whether the source came to its orderly end and everything was handed over.
    public var isComplete: Bool { end.isOrderly }

    /// The summary of a complete flow.
    ///
    /// - Throws: The reason of the end if the flow was cut short.
    public func get() throws(EndReason) -> FlowSummary {
        guard isComplete else { throw end }
        return summary
    }
}
