import Penstock
import PenstockTesting
import Testing

/// The kit on subjects whose turns and time are real: no rule may need that time stands still.
@Suite("The kit in real time")
struct RealTimeTests {
    private static let options = KitOptions(randomOrders: 3, recursions: 300)

    @Test("A consumer")
    func consumer() async {
        let suite = ConsumerSuite<Int>("Buffer in real time", options: Self.options) { marks in
            let scheduler = ManualScheduler()
            let buffer = Buffer<Int>(marks: marks, weight: { $0 % 1_000_000 }, scheduler: scheduler)
            let output = Output<Int>()
            let take = { (wanted: Int) in
                var taken = 0
                while taken < wanted, let element = buffer.take() {
                    output.elements.append(element)
                    taken += element % 1_000_000
                }
                return taken
            }
            var subject = ConsumerUnderTest<Int>(
                buffer,
                clock: TrialClock(real: scheduler),
                element: { weight, number in number * 1_000_000 + weight },
                content: { [$0] },
                output: { output.elements },
                draining: .exact { take($0) }
            )
            subject.takeAtOnce = { take(buffer.snapshot.level) }
            return subject
        }
        let report = await suite.run()
        #expect(report.isConforming, "\(report)")
        #expect(report.untried == [.c1_4, .c3_4, .c5_4])
    }

    @Test("A producer", arguments: [ProducerUnderTest<Int>.Kind.push, .pull])
    func producer(_ kind: ProducerUnderTest<Int>.Kind) async {
        let subject = ProducerUnderTest<Int>("producer in real time", kind: kind) {
            let scheduler = ManualScheduler()
            let producer = PlainProducer(kind, count: 10, mutation: nil, scheduler: scheduler)
            return ProducerFixture(producer, expected: Array(1...10), clock: TrialClock(real: scheduler))
        }
        let report = await ProducerSuite(subject, options: Self.options).run()
        #expect(report.isConforming, "\(report)")
        let others: [ContractRule] =
            kind == .push ? [.c1_7, .c5_1, .c5_3, .c5_6] : [.c1_6, .c4_5, .c4_7, .c5_6]
        #expect(Set(report.untried) == Set(others + [.c6_7, .c9_3, .c10_3]))
    }

    @Test("A stage")
    func stage() async {
        let subject = StageUnderTest<Int, Int>("Map in real time") {
            let scheduler = ManualScheduler()
            let marks = Watermarks(low: 1, high: 3)
            let stage = Map<Int, Int>(marks: marks, weight: { _ in 1 }, scheduler: scheduler) { 2 * $0 }
            let inputs = Array(1...12)
            return StageFixture(
                stage,
                inputs: inputs,
                outputs: inputs.map { 2 * $0 },
                clock: TrialClock(real: scheduler)
            )
        }
        let report = await StageSuite(subject, options: Self.options).run()
        #expect(report.isConforming, "\(report)")
        #expect(report.untried == [.c8_2, .c8_4])
    }

    @Test("A transport")
    func transport() async {
        let report = await TestTransportSubject.realTimeSuite(options: Self.options).run()
        #expect(report.isConforming, "\(report)")
        #expect(report.untried == [.c1_8])
    }

    @Test("Waiting takes the time that it is told, with the timers in it")
    func waiting() async {
        let scheduler = ManualScheduler()
        let clock = TrialClock(real: scheduler)
        var fired: [Int] = []
        scheduler.schedule(after: .milliseconds(3)) { fired.append(2) }
        scheduler.schedule(after: .milliseconds(1)) { fired.append(1) }
        scheduler.schedule(after: .seconds(3600)) { fired.append(3) }
        let start = scheduler.now
        await clock.advance(.milliseconds(5))
        #expect(fired == [1, 2])
        #expect(scheduler.now - start >= .milliseconds(5))
    }
}
