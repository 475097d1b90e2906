import Penstock
import PenstockTesting
import Testing

@Suite struct OtherSuitesTests {
    @Test(arguments: ProducerSuite<Int>.rules)
    func producer(_ rule: ContractRule) async throws {
        let subject = ProducerUnderTest<Int>("ten elements", kind: .pull) {
            let clock = VirtualClock()
            let source = TenElements<Int>(scheduler: clock)
            return ProducerFixture(source, expected: Array(1...10), clock: TrialClock(clock))
        }
        try await ProducerSuite(subject).check(rule)
    }

    @Test(arguments: StageSuite<Int, String>.rules)
    func stage(_ rule: ContractRule) async throws {
        let subject = StageUnderTest<Int, String>("numbers in words") {
            let clock = VirtualClock()
            let marks = Watermarks(low: 1, high: 3)
            let stage = Map<Int, String>(marks: marks, weight: { _ in 1 }, scheduler: clock) { "number \($0)" }
            let outputs = (1...12).map { "number \($0)" }
            return StageFixture(stage, inputs: Array(1...12), outputs: outputs, clock: TrialClock(clock))
        }
        try await StageSuite(subject).check(rule)
    }

    @Test(arguments: TransportSuite<[UInt8]>.rules)
    func transport(_ rule: ContractRule) async throws {
        let suite = TransportSuite<[UInt8]>("my transport") { setup in
            let clock = VirtualClock()
            var configuration = TestTransport.Configuration(marks: setup.marks, overhead: 0)
            configuration.limit = setup.limit
            configuration.allowsHalfClosure = setup.allowsHalfClosure
            configuration.linger = setup.linger
            configuration.receiveWindow = setup.receiveWindow
            configuration.finishDeadline = nil
            let transport = TestTransport(
                configuration,
                isConnected: setup.isConnected,
                kernel: ScriptedKernel(space: 0),
                scheduler: clock
            )
            let peer = TransportPeer(
                connect: setup.isConnected ? nil : { transport.connect() },
                send: { transport.peerSends($0) },
                finish: { transport.peerFinishes() },
                reset: { transport.peerResets() },
                take: { transport.kernelTakes($0) },
                received: { transport.sent },
                taken: { transport.sent.count },
                writeEnd: {
                    transport.writeSide == .open ? .open : transport.writeSide == .finished ? .finished : .reset
                }
            )
            var subject = TransportUnderTest(
                transport,
                clock: TrialClock(clock),
                peer: peer,
                element: { $0 },
                bytes: { $0 }
            )
            subject.onEnd = { transport.onEnd = $0 }
            subject.onInboundEnd = { transport.onInboundEnd = $0 }
            subject.onClose = { transport.onClose = $0 }
            subject.input = { .init(received: transport.bytesReceived, waiting: transport.inboundLevel) }
            subject.discarded = { transport.bytesDiscarded }
            return subject
        }
        try await suite.check(rule)
    }

    @Test func simulator() throws {
        try Simulation(subject: { clock, marks in
            let buffer = Buffer<SimulationElement>(marks: marks, scheduler: clock)
            return SimulationSubject(buffer, take: buffer.take)
        }).run(seeds: 0..<200)
    }

    @Test func requiredAndExcused() async {
        var options = KitOptions(randomOrders: 500)
        options.excused = [.c10_2: "its jobs are few"]
        options.required = [.c4_1, .c4_2, .c10_3]
        let wide = Watermarks(low: 40, high: 400)
        let suite = ConsumerSuite<Job>("print queue", marks: wide, options: options) { marks in
            PrintQueueTests.describe(marks)
        }
        let report = await suite.run()
        #expect(report.isConforming, "\(report)")
    }

    @Test("A required rule that is not tried is broken")
    func required() async {
        var options = KitOptions()
        options.required = [.c1_4, .c5_5, .c4_1]
        options.excused = [.c5_5: "nobody takes inside a signal"]
        let suite = ConsumerSuite<Job>("print queue", options: options) { PrintQueueTests.describe($0) }
        #expect(await suite.verdict(on: .c1_4).isBroken)
        #expect(await suite.verdict(on: .c5_5).isBroken)
        #expect(await suite.verdict(on: .c4_1).isBroken == false)
        await #expect(throws: RuleBreach.self) { try await suite.check(.c1_4) }
    }

    @Test("A description that cannot be right is told so, instead of a broken consumer")
    func descriptions() async throws {
        let narrow = ConsumerSuite<Job>("print queue", marks: Watermarks(low: 3, high: 80)) {
            PrintQueueTests.describe($0)
        }
        let low = try #require(await narrow.run().breaches.first?.problem)
        #expect(low.hasSuffix("the suite needs marks of at least 4 and 8, not 3 and 80"), "\(low)")
        let used = ConsumerSuite<Job>("print queue") { marks in
            let subject = PrintQueueTests.describe(marks)
            subject.consumer.write(Job(number: 1, pages: 1))
            return subject
        }
        let stale = try #require(await used.run().breaches.first?.problem)
        #expect(stale.contains("a fresh consumer for every check"), "\(stale)")
    }
}
