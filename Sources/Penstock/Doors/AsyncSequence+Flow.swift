extension AsyncSequence {
    /// Flows into a consumer, and returns when everything has been handed over.
    ///
    /// The sequence is asked for an element only when the consumer has room, and an element that arrives after the consumer was
    /// paused waits for the resume: nothing is ever written while it is paused (C4.7). If the sequence throws, the consumer is
    /// failed with the original error under ``EndPolicy/finish``, and left open under ``EndPolicy/leaveOpen``.
    ///
    /// If the task is cancelled, the flow ends with ``EndReason/cancelled`` as described at
    /// ``Source/flow(into:atEnd:deadline:progress:)``, also if the sequence answers nil then, or throws an error of its own
    /// (C6.6).
    ///
    /// While the sequence is waiting for its next element, nobody but the task can end that wait. If the consumer ends
    /// meanwhile, or the deadline passes, the consumer is told at once, and this returns when the sequence has answered. That
    /// element is dropped; a consumer that has ended counts it as refused.
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
        let feed = AsyncFeed<Element>(scheduler: consumer.scheduler)
        let run = FlowRun(of: feed, into: consumer, atEnd: atEnd)
        feed.onResume = { [waker = run.waker] in waker.wake() }
        do { try feed.outlet.attach(feed, to: consumer, atEnd: atEnd, done: { run.ended($0) }) } catch {
            throw FlowError(end: .failed(error), summary: FlowSummary())
        }
        run.began(deadline: deadline, progress: progress, total: nil)
        var iterator = makeAsyncIterator()
        while await run.waitForRoom(feed.outlet) {
            do {
                guard let element = try await iterator.next(isolation: #isolation) else {
                    if Task.isCancelled { run.stop(.cancelled) } else { feed.outlet.finish() }
                    break
                }
                if await run.waitForRoom(feed.outlet, isInHand: true) {
                    feed.outlet.write(element)
                } else {
                    run.drop(element)
                }
            } catch {
                if Task.isCancelled {
                    run.stop(EndReason(.cancelled, error: error is CancellationError ? nil : error))
                } else {
                    feed.outlet.fail(error)
                }
            }
        }
        return try run.conclude()
    }
}

extension FlowRun {
    /// Waits until the consumer has room; ends the flow if the task is cancelled.
    ///
    /// - Parameter isInHand: Whether there is an element already, which is written also in a cancelled task if there is room.
    /// - Returns: Whether the flow goes on.
    fileprivate func waitForRoom(_ outlet: Outlet<Element>, isInHand: Bool = false) async -> Bool {
        while result == nil {
            if outlet.isOpen, isInHand { return true }
            if Task.isCancelled {
                stop(.cancelled)
            } else if !outlet.isOpen {
                _ = await waker.wait()
            } else if waker.admits() {
                return true
            } else {
                // A sequence that always has an element does not hold the event loop (C5.5).
                waker.wakeLater()
                _ = await waker.wait()
            }
        }
        return false
    }
}

/// The push producer of an asynchronous sequence, driven by the task that reads it.
private final class AsyncFeed<Element>: PushProducer {
    let outlet: Outlet<Element>
    var onResume: (() -> Void)?

    init(scheduler: any Scheduler) { outlet = Outlet(scheduler: scheduler) }

    func pauseProducing() { outlet.paused() }

    func resumeProducing() {
        outlet.resumed()
        onResume?()
    }

    func stopProducing(_ reason: EndReason) { outlet.stopped(reason) }
}

@available(*, unavailable)
extension AsyncFeed: Sendable {}
