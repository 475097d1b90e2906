import Penstock
import PenstockTesting
import Testing

@Suite("Sequences that read like the contract")
struct CallSequenceTests {
    static let marks = Watermarks(low: 2, high: 4)

    @Test("The sequence of the documentation runs on a transport")
    func documented() throws {
        try CallSequence("register push > write 70000 > pause > drain 40000 > resume").run(on: .transport())
    }

    @Test(
        "Sequences of a buffer",
        arguments: [
            "register push > write 5 > pause > full > level 5 > drain 5 > resume > level 0 > delivered 5",
            "register push > write 1 x5 > pause > write 1 > full > drain 3 > drain 1 > resume > write 1 > room",
            "register push > write-all 1 2 3 > pause > full > drain all > resume",
            "register push > register push > already-registered > register pull > already-registered",
            "write 5 > full > register push > pause > unregister > register push > pause > drain all > resume",
            "register pull > ask > write 1 > ask > write 1 x2 > ask > write 1 > drain 2 > ask",
            "hold rate limit > register push > pause > hold owner > release owner > release rate limit > resume",
            "register push > write 3 > marks 0 2 > pause > marks 3 4 > resume",
            """
            register push > write 3 > finish > register push > stop finished > write 2 > pause
            > drain all > resume > unregister > end finished > write 1 > closed > refused 1
            """,
            "register pull > ask > finish > register pull > stop finished > write 1 > ask > unregister > drain all > turn > end",
            "register pull > ask > write 5 > fail > stop failed > write 1 > closed > drain all > turn > end",
            """
            register push > write 5 > pause > abort > stop aborted > dropped 1 > level 0
            > turn > end aborted > abort > register push > stop aborted
            """,
            "register push > abort cancelled > stop > settle > end cancelled > delivered 0",
        ]
    )
    func runs(_ text: String) throws {
        try CallSequence(text).run(on: .buffer(marks: Self.marks))
    }

    @Test(
        "Sequences of a transport",
        arguments: [
            "connect > register push > write 5 > pause > full > level 5 > drain 2 > level 3 > drain 1 > resume > delivered 3",
            "connect > hold owner > register push > pause > marks 1 2 > write-all 1 2 > full > drain all > release owner > resume",
            "register pull > write 1 > turn > connect > ask > write 3 > lose > stop lost > end lost > dropped 2",
            "register push > write 5 > pause > connect > drain 1 > drain 2 > resume > finish > unregister > drain all > end finished",
            "connect > register pull > ask > write empty > turn > ask > write empty x2 > turn x2 > ask",
            "connect > write 3 > finish > advance 29s > advance 999ms > advance 1000us > end timed out > dropped 1",
            "connect > write 3 > fail > advance 1min > end failed",
        ]
    )
    func transport(_ text: String) throws {
        try CallSequence(text).run(on: .transport(.init(marks: Self.marks, overhead: 0), isConnected: false))
    }

    @Test("Every surplus, missing and other signal fails a sequence, with its line")
    func fails() throws {
        func failure(_ text: String) throws -> SequenceFailure {
            let sequence = try CallSequence(text)
            return try #require(throws: SequenceFailure.self) { try sequence.run(on: .buffer(marks: Self.marks)) }
        }
        let missing = try failure("register push > write 5 > pause > drain all > pause")
        #expect(missing.problem == "expected 'pause', but it was 'resume'")
        #expect(missing.line == 3)
        let surplus = try failure("register push > write 5 > drain all > resume")
        #expect(surplus.problem == "'pause' was not expected")
        #expect(
            surplus.description == """
                line 2 differs: 'pause' was not expected
                  register push
                > write 5    but: write 5 > pause
                  drain all > resume
                """
        )
        #expect(try failure("register push > write 1 > pause").problem == "expected 'pause', but nothing more happened")
        #expect(try failure("write 1 > full").problem == "expected 'full', but the write answered 'room'")
        #expect(try failure("hold owner > room").problem == "expected 'room', but nothing was written")
        #expect(try failure("write 1 > level 2").problem == "expected 'level 2', but it was 1")
        #expect(try failure("write 1 > delivered 1").problem == "expected 'delivered 1', but it was 0")
        #expect(try failure("write 1 > dropped 1").problem == "expected 'dropped 1', but it was 0")
        #expect(try failure("write 1 > refused 1").problem == "expected 'refused 1', but it was 0")
        let stop = try failure("register push > abort > stop lost")
        #expect(stop.problem == "expected 'stop lost', but it was 'stop aborted'")
        #expect(try failure("write 5 > drain 4").problem == "a weight of 0 could be drained, not 4")
        let unconnected = try CallSequence("write 3 > drain all")
        let left = try #require(throws: SequenceFailure.self) {
            try unconnected.run(on: .transport(isConnected: false))
        }
        #expect(left.problem == "a weight of 3 was left behind")
        #expect(try failure("connect").problem == "this bench cannot carry out 'connect'")
        #expect(try failure("lose").problem == "this bench cannot carry out 'lose'")
        #expect(try failure("write empty").problem == "this bench has no element without content")
    }

    @Test("A consumer of one's own needs to say how an element is made and how it is drained")
    func own() throws {
        let text =
            "register push > write 3 > pause > full > drain all > resume > hold owner > pause > release owner > resume"
        let clock = VirtualClock()
        let duplex = Duplex<String>.pair(marks: Watermarks(low: 0, high: 2), weight: \.count, scheduler: clock)
        let sink = NullConsumer<String>(weight: \.count, scheduler: clock)
        var taken = 0
        sink.onElement = { taken += $0.count }
        let bench = TestBench(
            duplex.left,
            clock: clock,
            element: { String(repeating: "x", count: $0) },
            drain: { _ in
                try? duplex.right.attach(to: sink)
                clock.settle()
                return taken
            }
        )
        try CallSequence(text).run(on: bench)
        #expect(taken == 3)
    }

    @Test("What the contract forbids cannot be expected: a consumer that signals so fails every sequence")
    func forbidden() throws {
        let clock = VirtualClock()
        func bench() -> TestBench<Int> {
            TestBench(UnlawfulConsumer(clock), clock: clock, element: { $0 }, drain: { $0 ?? 0 })
        }
        #expect(throws: SequenceFailure.self) { try CallSequence("hold owner").run(on: bench()) }
        let sequence = try CallSequence("register push > write 1 > pause > write 1 > pause")
        let failure = try #require(throws: SequenceFailure.self) { try sequence.run(on: bench()) }
        #expect(failure.line == 3)
        #expect(failure.problem == "the contract forbids what is expected here: pause while paused, after: pause")
        let stale = try CallSequence("register push > unregister > write 1 > pause")
        let second = try #require(throws: SequenceFailure.self) { try stale.run(on: bench()) }
        #expect(second.problem == "the contract forbids what is expected here: pause while over, after: nothing")
        let refused = try CallSequence("register push > register push > already-registered > write 1 > pause")
        let third = try #require(throws: SequenceFailure.self) { try refused.run(on: bench()) }
        #expect(third.line == 3)
        #expect(third.problem == second.problem)
    }
}

/// Pauses with every write, also a producer that has unregistered or was refused.
private final class UnlawfulConsumer: Consumer {
    private let buffer: Buffer<Int>
    private var producer: (any PushProducer)?

    init(_ clock: VirtualClock) {
        buffer = Buffer<Int>(marks: Watermarks(low: 2, high: 4), weight: { $0 }, scheduler: clock)
    }

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        let isSecond = self.producer != nil
        self.producer = producer
        if isSecond { throw .alreadyRegistered }
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {}
    func unregisterProducer() {}

    @discardableResult func write(_ element: consuming Int) -> WriteOutcome {
        producer?.pauseProducing()
        return .room
    }

    @discardableResult func write(contentsOf elements: some Sequence<Int>) -> WriteOutcome { .room }
    func finish() {}
    func fail(_ error: any Error) {}
    func abort(_ reason: EndReason) {}
    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {}
    var snapshot: FlowSnapshot { buffer.snapshot }
    var scheduler: any Scheduler { buffer.scheduler }
}
