/// A flow that a task waits for: its result, its deadline, its progress, and how it is ended from outside.
final class FlowRun<Element> {
    /// Wakes the task that waits for the flow.
    let waker: Waker
    /// How the flow ended; nil while it goes on.
    private(set) var result: FlowResult?

    private let consumer: any Consumer<Element>
    private let producer: any Producer
    private let atEnd: EndPolicy
    private let scheduler: any Scheduler
    private let before: FlowSnapshot
    private let startedAt: Duration
    private var registrations = 0
    private var deadline: ScheduledWork?
    private var reports: ProgressReports?
    private var report: ScheduledWork?
    private var total: Int?
    private var lastReport: (weight: Int, time: Duration)

    init(of producer: any Producer, into consumer: any Consumer<Element>, atEnd: EndPolicy) {
        self.producer = producer
        self.consumer = consumer
        self.atEnd = atEnd
        scheduler = consumer.scheduler
        waker = Waker(scheduler: scheduler)
        before = consumer.snapshot
        startedAt = scheduler.now
        lastReport = (0, startedAt)
    }

    /// The source has been attached; it may have ended already.
    func began(deadline: Duration?, progress: ProgressReports?, total: Int?) {
        registrations = consumer.snapshot.registrations
        guard result == nil else { return }
        if let deadline {
            self.deadline = scheduler.schedule(after: deadline) { [weak self] in self?.isDue(after: deadline) }
        }
        self.total = total
        reports = progress
        reportLater()
    }

    /// The source says that the flow has ended.
    func ended(_ result: FlowResult) {
        guard self.result == nil else { return }
        self.result = result
        waker.wake()
    }

    /// Ends the flow from outside: stops the producer, and aborts the consumer if the flow was to finish it (C9.4).
    func stop(_ reason: EndReason) {
        guard result == nil else { return }
        if atEnd == .finish {
            consumer.abort(reason)
        } else if consumer.snapshot.registrations == registrations {
            // Otherwise somebody else has unregistered the producer, and the one that is there now is a successor.
            consumer.unregisterProducer()
        }
        if result == nil { producer.stopProducing(reason) }
        if result == nil { ended(FlowResult(end: reason, summary: summarySoFar)) }
    }

    /// An element that had been produced when the flow ended; the consumer counts it if it can (C8.5).
    func drop(_ element: consuming Element) {
        if consumer.snapshot.phase == .ended { consumer.write(element) }
        let dropped = "an element that was on its way was dropped"
        let detail = result?.end.detail.map { "\($0); \(dropped)" } ?? dropped
        result?.end.detail = detail
    }

    /// The summary of a complete flow; called once, when there is a result.
    func conclude() throws(FlowError) -> FlowSummary {
        deadline?.cancel()
        report?.cancel()
        let result = result ?? FlowResult(end: EndReason(.aborted), summary: summarySoFar)
        if let reports, result.summary.weight != lastReport.weight { tell(reports, weight: result.summary.weight) }
        guard result.isComplete else { throw FlowError(end: result.end, summary: result.summary) }
        return result.summary
    }

    // MARK: Private

    private var weight: Int { consumer.snapshot.delivery.accepted.weight - before.delivery.accepted.weight }

    private var summarySoFar: FlowSummary {
        let snapshot = consumer.snapshot
        return FlowSummary(
            elements: snapshot.delivery.accepted.elements - before.delivery.accepted.elements,
            weight: snapshot.delivery.accepted.weight - before.delivery.accepted.weight,
            pauses: snapshot.pauses - before.pauses,
            timePaused: snapshot.timePaused - before.timePaused,
            peakLevel: snapshot.peak,
            duration: scheduler.now - startedAt
        )
    }

    private func isDue(after deadline: Duration) {
        let waits = consumer.snapshot.waits.map(\.description)
        let waited = waits.isEmpty ? "the source to produce" : waits.joined(separator: ", and for ")
        stop(EndReason(.timedOut, detail: "the flow was not over within \(deadline), and waited for \(waited)"))
    }

    private func reportLater() {
        guard let reports, result == nil else { return }
        report = scheduler.schedule(after: reports.interval) { [weak self] in
            guard let self, result == nil else { return }
            if weight != lastReport.weight { tell(reports, weight: weight) }
            reportLater()
        }
    }

    private func tell(_ reports: ProgressReports, weight: Int) {
        let now = scheduler.now
        let seconds = (now - lastReport.time) / .seconds(1)
        let rate = seconds > 0 ? Double(weight - lastReport.weight) / seconds : 0
        lastReport = (weight, now)
        reports.tell(FlowProgress(weight: weight, total: total, weightPerSecond: rate))
    }
}

@available(*, unavailable)
extension FlowRun: Sendable {}
