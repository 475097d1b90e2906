import Penstock

final class EmptyQueue: Consumer {
    typealias Element = Job

    let scheduler: any Scheduler

    init(marks: Watermarks, scheduler: any Scheduler) { self.scheduler = scheduler }

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {}
    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {}
    func unregisterProducer() {}

    func write(_ job: consuming Job) -> WriteOutcome { .room }
    func write(contentsOf jobs: some Sequence<Job>) -> WriteOutcome { .room }

    func finish() {}
    func fail(_ error: any Error) {}
    func abort(_ reason: EndReason) {}

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {}
    var snapshot: FlowSnapshot { FlowSnapshot(name: "print queue") }

    /// The oldest job.
    var first: Job? { nil }

    /// Takes the oldest job; for the printer.
    func next() -> Job? { nil }
}
