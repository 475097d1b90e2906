import Penstock

final class PrintQueue: GatedConsumer {
    typealias Element = Job

    let gate: Gate
    private var jobs: [Job] = []

    init(marks: Watermarks, scheduler: any Scheduler) {
        gate = Gate(name: "print queue", flow: FlowControl(marks: marks), scheduler: scheduler)
        gate.owner = self
    }

    func write(_ job: consuming Job) -> WriteOutcome { write(contentsOf: CollectionOfOne(job)) }

    func write(contentsOf jobs: some Sequence<Job>) -> WriteOutcome {
        let jobs = Array(jobs)
        let pages = jobs.map(\.pages).reduce(0, +)
        guard gate.admits(weight: pages, elements: jobs.count) else { return .closed }
        guard !jobs.isEmpty else { return gate.settle() }
        self.jobs += jobs
        return gate.accept(weight: pages, elements: jobs.count)
    }

    /// The oldest job.
    var first: Job? { jobs.first }

    /// Takes the oldest job; for the printer.
    func next() -> Job? {
        guard !jobs.isEmpty else { return nil }
        let job = jobs.removeFirst()
        gate.drain(weight: job.pages)
        return job
    }

    func discardHeld() -> Int {
        defer { jobs = [] }
        return jobs.count
    }
}

@available(*, unavailable)
extension PrintQueue: Sendable {}
