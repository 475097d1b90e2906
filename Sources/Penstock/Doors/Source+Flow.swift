extension Source {
    /// Flows into a consumer, and returns when everything has been handed over.
    ///
    /// The task waits in its own isolation domain, which is that of the source and the consumer; no element hops anywhere. What
    /// was handed over may still be held by the consumer: its own end tells when that has gone out
    /// (``Consumer/whenEnded(_:)``).
    ///
    /// If the task is cancelled, the source is stopped with the reason ``EndReason/cancelled`` from this isolation domain (C9.4).
    /// Under ``EndPolicy/finish`` the consumer is aborted with the same reason, under ``EndPolicy/leaveOpen`` it is left
    /// without a producer. The same happens at the deadline.
    ///
    /// - Parameters:
    ///   - consumer: Where the elements go.
    ///   - atEnd: What the end of this source does to the consumer.
    ///   - deadline: After this long on the scheduler of the consumer the flow ends with ``EndReason/Code/timedOut``; nil for
    ///     none.
    ///   - progress: Whom to tell how far it has come.
    /// - Returns: What was handed over.
    /// - Throws: ``FlowError`` if the flow was cut short, or could not begin.
    @discardableResult
    public func flow(
        into consumer: any Consumer<Output>,
        atEnd: EndPolicy = .finish,
        deadline: Duration? = nil,
        progress: ProgressReports? = nil
    ) async throws(FlowError) -> FlowSummary {
        let run = FlowRun(of: self, into: consumer, atEnd: atEnd)
        let total = expectedWeight
        do { try attach(to: consumer, atEnd: atEnd, done: { run.ended($0) }) } catch {
            throw FlowError(end: .failed(error), summary: FlowSummary())
        }
        run.began(deadline: deadline, progress: progress, total: total)
        while run.result == nil {
            if await run.waker.wait() { run.stop(.cancelled) }
        }
        return try run.conclude()
    }
}
