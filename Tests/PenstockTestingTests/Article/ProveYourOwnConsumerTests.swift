import Penstock
import PenstockTesting
import Testing

/// A consumer of the article, of which a printer takes.
private protocol JobQueue: Consumer<Job> {
    init(marks: Watermarks, scheduler: any Scheduler)
    var first: Job? { get }
    func next() -> Job?
}

extension EmptyQueue: JobQueue {}
extension PrintQueue: JobQueue {}
extension HandmadeQueue: JobQueue {}

/// The short way before the kit had found the missing line.
private final class UnsettledQueue: GatedConsumer, JobQueue {
    let gate: Gate
    private var jobs: [Job] = []
    var first: Job? { jobs.first }

    init(marks: Watermarks, scheduler: any Scheduler) {
        gate = Gate(name: "print queue", flow: FlowControl(marks: marks), scheduler: scheduler)
        gate.owner = self
    }

    func write(_ job: consuming Job) -> WriteOutcome { write(contentsOf: CollectionOfOne(job)) }

    func write(contentsOf jobs: some Sequence<Job>) -> WriteOutcome {
        let jobs = Array(jobs)
        let pages = jobs.map(\.pages).reduce(0, +)
        guard gate.admits(weight: pages, elements: jobs.count) else { return .closed }
        self.jobs += jobs
        return gate.accept(weight: pages, elements: jobs.count)
    }

    func next() -> Job? {
        guard !jobs.isEmpty else { return nil }
        let job = jobs.removeFirst()
        gate.drain(weight: job.pages)
        return job
    }

    func discardHeld() -> Int { jobs.count }
}

@Suite("The article on proving a consumer")
struct ProveYourOwnConsumerTests {
    /// The suite of the article, for each of its queues.
    private func suite<Queue: JobQueue>(
        _ type: Queue.Type,
        adjust: @escaping (inout ConsumerUnderTest<Job>, Queue, VirtualClock) -> Void = { _, _, _ in }
    ) -> ConsumerSuite<Job> {
        ConsumerSuite<Job>("print queue") { marks in
            let clock = VirtualClock()
            let queue = Queue(marks: marks, scheduler: clock)
            var printed: [Int] = []
            let take = { (weight: Int) in
                var taken = 0
                while taken < weight, let job = queue.first {
                    printed.append(job.number)
                    taken += job.pages
                    _ = queue.next()
                }
                return taken
            }
            var subject = ConsumerUnderTest(
                queue,
                clock: TrialClock(clock),
                element: { weight, number in Job(number: number, pages: weight) },
                content: { [$0.number] },
                output: { printed },
                draining: .exact { take($0) }
            )
            adjust(&subject, queue, clock)
            subject.takeAtOnce = { take(.max) }
            return subject
        }
    }

    private static func texts() throws -> [String] {
        let article = try ArticleFile("Sources/PenstockTesting/PenstockTesting.docc/ProveYourOwnConsumer.md")
        return article.codeBlocks.filter { $0.language == "text" }.map(\.code)
    }

    @Test("An empty class breaks rules in the words of the article, and does not stop the kit")
    func anEmptyClass() async throws {
        let report = await suite(EmptyQueue.self).run().description
        let texts = try Self.texts()
        try #require(texts.count == 3)
        #expect(report.hasPrefix(texts[0]), "\(report)")
        #expect(report.contains("\n\(texts[1])\n"), "\(report)")
    }

    @Test("The short way keeps every rule")
    func theShortWay() async {
        let report = await suite(PrintQueue.self).run()
        #expect(report.isConforming, "\(report)")
        #expect(report.untried == [.c1_4, .c3_4, .c5_4])
    }

    @Test("Without its line for an empty sequence it breaks a rule in the words of the article")
    func withoutSettling() async throws {
        let verdict = await suite(UnsettledQueue.self).verdict(on: .c3_5)
        guard case .broken(let breaches) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(breaches.map(\.description).contains(try Self.texts()[2]), "\(breaches)")
    }

    @Test("The long way keeps every rule")
    func byHand() async {
        let report = await suite(HandmadeQueue.self) { subject, queue, _ in
            subject.limit = queue.limit
            subject.observeEnd = { queue.onEnd = $0 }
            subject.observeIgnoredEnd = { queue.onSecondError = $0 }
        }.run()
        #expect(report.isConforming, "\(report)")
        #expect(report.untried == [.c1_4, .c3_4, .c4_5, .c5_4])
    }
}
