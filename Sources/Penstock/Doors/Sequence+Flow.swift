extension Sequence {
    /// Flows into a consumer, an element each time it wants one, and returns when everything has been handed over.
    ///
    /// Cancellation, deadline and the rest are as for a source: ``Source/flow(into:atEnd:deadline:progress:)``.
    ///
    /// - Parameters:
    ///   - consumer: Where the elements go.
    ///   - atEnd: What the end of the sequence does to the consumer.
    ///   - deadline: After this long the flow ends with ``EndReason/Code/timedOut``; nil for none.
    ///   - progress: Whom to tell how far it has come.
    /// - Returns: What was handed over.
    /// - Throws: ``FlowError`` if the flow was cut short, or could not begin.
    @discardableResult
    public func flow(
        into consumer: any Consumer<Element>,
        atEnd: EndPolicy = .finish,
        deadline: Duration? = nil,
        progress: ProgressReports? = nil
    ) async throws(FlowError) -> FlowSummary {
        try await SequenceSource(self, scheduler: consumer.scheduler)
            .flow(into: consumer, atEnd: atEnd, deadline: deadline, progress: progress)
    }
}
