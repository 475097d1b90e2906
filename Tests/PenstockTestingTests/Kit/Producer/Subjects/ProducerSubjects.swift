import Penstock
import PenstockTesting

extension ProducerSubject {
    /// Everything in the package that produces; a new one needs one line here.
    static let all: [ProducerSubject] =
        [
            ProducerSubject { .sequenceSource },
            ProducerSubject { .tenElements(.atOnce) },
            ProducerSubject { .tenElements(.onLaterTurn) },
            ProducerSubject { .barePush },
            ProducerSubject { .barePull },
            ProducerSubject { .pushFromPull },
            ProducerSubject { .pushFromPullOverLateAnswers },
            ProducerSubject { .map(over: .pull) },
            ProducerSubject { .map(over: .push) },
            ProducerSubject { .lineFramer },
            ProducerSubject { .testTransport(sendsLater: false) },
            ProducerSubject { .testTransport(sendsLater: true) },
            ProducerSubject { .duplex },
            ProducerSubject { .crossing(over: .pull) },
            ProducerSubject { .crossing(over: .push) },
            ProducerSubject { .sourceHandle },
        ] + doors
}

private let marks = Watermarks(low: 1, high: 3)
private let numbers = Array(1...12)

extension ProducerUnderTest<Int> {
    static var sequenceSource: Self {
        Self("SequenceSource", kind: .pull) {
            let clock = VirtualClock()
            return ProducerFixture(
                SequenceSource(numbers, scheduler: clock),
                expected: numbers,
                clock: TrialClock(clock)
            )
        }
    }

    static func tenElements(_ answering: TenElements<Int>.Answering) -> Self {
        Self("TenElements, answering \(answering)", kind: .pull) {
            let clock = VirtualClock()
            let source = TenElements<Int>(answering: answering, scheduler: clock)
            return ProducerFixture(source, expected: Array(1...10), clock: TrialClock(clock))
        }
    }

    static var barePush: Self { bare(.push) }

    static var barePull: Self { bare(.pull) }

    private static func bare(_ kind: Kind) -> Self {
        Self("a bare \(kind) producer", kind: kind) {
            let clock = VirtualClock()
            let producer = PlainProducer(kind, count: 12, mutation: nil, scheduler: clock)
            return ProducerFixture(producer: producer, expected: numbers, clock: TrialClock(clock)) {
                (consumer) throws(RegistrationError) in
                try producer.attach(to: consumer, atEnd: .leaveOpen, done: { _ in })
            }
        }
    }

    static var pushFromPull: Self {
        var subject = Self("PushFromPull", kind: .push) {
            let clock = VirtualClock()
            clock.turn.weightPerTurn = 4
            clock.turn.leastShare = 4
            let adapter = PushFromPull<Int>(marks: marks, weight: { _ in 1 }, scheduler: clock)
            var questions = 0
            let counted = numbers.lazy.map { number in
                questions += 1
                return number
            }
            try SequenceSource(counted, scheduler: clock).attach(to: adapter)
            var fixture = ProducerFixture(adapter, expected: numbers, clock: TrialClock(clock))
            fixture.questions = { questions }
            // The first question after the registration is free.
            fixture.elementsPerTurn = 5
            fixture.held = { adapter.snapshot.level }
            return fixture
        }
        subject.makeFailing = {
            let clock = VirtualClock()
            let adapter = PushFromPull<Int>(marks: marks, weight: { _ in 1 }, scheduler: clock)
            return try failing(adapter, fedBy: .pull, clock)
        }
        return subject
    }

    static var pushFromPullOverLateAnswers: Self {
        Self("PushFromPull, answered later", kind: .push) {
            let clock = VirtualClock()
            let adapter = PushFromPull<Int>(marks: marks, weight: { _ in 1 }, scheduler: clock)
            let source = TenElements<Int>(answering: .onLaterTurn, scheduler: clock)
            try source.attach(to: adapter)
            var fixture = ProducerFixture(adapter, expected: Array(1...10), clock: TrialClock(clock))
            fixture.held = { adapter.snapshot.level }
            fixture.heldAtMost = marks.high + 1
            return fixture
        }
    }

    static func map(over kind: Kind) -> Self {
        var subject = Self("Map, over a \(kind) producer", kind: .push) {
            let clock = VirtualClock()
            let stage = Map<Int, Int>(marks: marks, weight: { _ in 1 }, scheduler: clock) { 2 * $0 }
            try PlainProducer(kind, count: 12, mutation: nil, scheduler: clock)
                .attach(to: stage, atEnd: .finish, done: { _ in })
            var fixture = ProducerFixture(stage, expected: numbers.map { 2 * $0 }, clock: TrialClock(clock))
            fixture.held = { stage.snapshot.level }
            fixture.heldAtMost = marks.high + 1
            return fixture
        }
        subject.makeFailing = {
            let clock = VirtualClock()
            let stage = Map<Int, Int>(marks: marks, weight: { _ in 1 }, scheduler: clock) { $0 }
            return try failing(stage, fedBy: kind, clock)
        }
        return subject
    }

    /// A stage whose own source fails.
    private static func failing(
        _ stage: some Stage<Int, Int>,
        fedBy kind: Kind,
        _ clock: VirtualClock
    ) throws -> ProducerFixture<Int> {
        let failure = PlainFailure()
        try PlainProducer(kind, count: 12, failure: failure, mutation: nil, scheduler: clock)
            .attach(to: stage, atEnd: .finish, done: { _ in })
        var fixture = ProducerFixture(stage, expected: numbers, clock: TrialClock(clock))
        fixture.isFailure = { $0 as? PlainFailure === failure }
        return fixture
    }

    static var duplex: Self {
        Self("Duplex, what comes in", kind: .push) {
            let clock = VirtualClock()
            let (left, right) = Duplex<Int>.pair(marks: marks, weight: { _ in 1 }, scheduler: clock)
            try SequenceSource(numbers, scheduler: clock).attach(to: left)
            var fixture = ProducerFixture(right, expected: numbers, clock: TrialClock(clock))
            fixture.held = { left.snapshot.level }
            fixture.heldAtMost = marks.high + 1
            return fixture
        }
    }
}

extension ProducerUnderTest<Line<ArraySlice<UInt8>>> {
    static var lineFramer: Self {
        Self("LineFramer", kind: .push) {
            let clock = VirtualClock()
            let lines = numbers.map { ArraySlice("line \($0)".utf8) }
            let text = Array(lines.joined(separator: [0x0A]))
            // Cut where no line ends: some chunks complete no line, some several.
            let chunks = stride(from: 0, to: text.count, by: 11).map { text[$0..<Swift.min($0 + 11, text.count)] }
            let framer = LineFramer<ArraySlice<UInt8>>(maximumLength: 16, scheduler: clock)
            try SequenceSource(chunks, scheduler: clock).attach(to: framer)
            var fixture = ProducerFixture(framer, expected: lines.map { Line($0) }, clock: TrialClock(clock))
            fixture.weight = { $0.weight }
            fixture.describe = { String(decoding: $0.bytes, as: UTF8.self) }
            fixture.held = { framer.snapshot.level }
            fixture.heldAtMost = framer.marks.high + 11 + entryOverhead
            return fixture
        }
    }
}

extension ProducerUnderTest<[UInt8]> {
    static func testTransport(sendsLater: Bool) -> Self {
        var subject = Self("TestTransport, what comes in \(sendsLater ? "turn by turn" : "before")", kind: .push) {
            received(sendsLater: sendsLater) { $0.peerFinishes() }
        }
        subject.makeFailing = {
            let failure = PlainFailure()
            var fixture = received(sendsLater: sendsLater) { $0.peerResets(failure) }
            // The consumer hears that the connection was lost, and by what.
            fixture.isFailure = {
                ($0 as? EndReason)?.error as? PlainFailure === failure || $0 as? PlainFailure === failure
            }
            return fixture
        }
        return subject
    }

    private static func received(
        sendsLater: Bool,
        end: @escaping (TestTransport) -> Void
    ) -> ProducerFixture<[UInt8]> {
        let clock = VirtualClock()
        let transport = TestTransport(scheduler: clock)
        let chunks = numbers.map { [UInt8](repeating: UInt8($0), count: $0) }
        send(chunks[...], to: transport, later: sendsLater ? clock : nil, end: end)
        var fixture = ProducerFixture(transport, expected: chunks, clock: TrialClock(clock))
        fixture.weight = { $0.count }
        fixture.describe = { "\($0.count)" }
        return fixture
    }

    private static func send(
        _ chunks: ArraySlice<[UInt8]>,
        to transport: TestTransport,
        later clock: VirtualClock?,
        end: @escaping (TestTransport) -> Void
    ) {
        for chunk in chunks.prefix(clock == nil ? chunks.count : 2) { transport.peerSends(chunk) }
        let rest = chunks.dropFirst(2)
        guard let clock, !rest.isEmpty else { return end(transport) }
        clock.onLaterTurn { send(rest, to: transport, later: clock, end: end) }
    }
}
