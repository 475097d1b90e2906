import Penstock
import PenstockTesting
import Testing

@Suite struct PrintQueueTests {
    static func describe(_ marks: Watermarks) -> ConsumerUnderTest<Job> {
        let clock = VirtualClock()
        let queue = PrintQueue(marks: marks, scheduler: clock)
        var printed: [Int] = []
        let take = { (weight: Int) in
            var taken = 0
            while taken < weight, let job = queue.first {
                // Before the job is taken, which may have the producer write and the printer take another.
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
            draining: .exact { weight in take(weight) }
        )
        subject.takeAtOnce = { take(.max) }
        return subject
    }

    @Test(arguments: ConsumerSuite<Job>.rules)
    func keeps(_ rule: ContractRule) async throws {
        let suite = ConsumerSuite<Job>("print queue") { marks in Self.describe(marks) }
        try await suite.check(rule)
    }
}
