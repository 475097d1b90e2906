import Penstock
import PenstockTesting
import Testing

@Suite("C3.4: an element without content is not queued, and answers a question")
struct EmptyElementTests {
    let clock = VirtualClock()

    /// How the elements of a test are written.
    enum Writing: CaseIterable, Sendable {
        case single, sequence

        func write(_ elements: [[UInt8]], to consumer: any Consumer<[UInt8]>) -> WriteOutcome {
            guard self == .single else { return consumer.write(contentsOf: elements) }
            var outcome = WriteOutcome.room
            for element in elements { outcome = consumer.write(element) }
            return outcome
        }
    }

    @Test("A push producer hears nothing of it", arguments: ConsumerKind.allCases, Writing.allCases)
    func push(kind: ConsumerKind, writing: Writing) throws {
        let consumer = try kind.makeForBytes(clock)
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        let before = producer.signals
        #expect(writing.write([[], []], to: consumer) == (kind == .unattachedMap ? .full : .room))
        clock.settle()
        #expect(consumer.snapshot.delivery == Delivery())
        #expect(consumer.snapshot.peak == 0)
        #expect(producer.signals == before)
    }

    @Test("A pull producer that wrote it is asked on a later turn", arguments: ConsumerKind.roomy, Writing.allCases)
    func pull(kind: ConsumerKind, writing: Writing) throws {
        let consumer = try kind.makeForBytes(clock)
        let puller = ScriptedPuller()
        puller.onAsk = { if $0 < 4 { _ = writing.write([[]], to: consumer) } }
        try consumer.registerProducer(puller)
        for expected in 1...4 {
            #expect(puller.questions == expected)
            clock.runTurn()
        }
        #expect(puller.questions == 4)
        #expect(clock.isIdle)
        #expect(consumer.snapshot.delivery == Delivery())
        // Late, it answers as well.
        _ = writing.write([[]], to: consumer)
        #expect(puller.questions == 4)
        clock.settle()
        #expect(puller.questions == 5)
    }

    @Test("A sequence of nothing but such elements gives one answer", arguments: ConsumerKind.roomy)
    func oneAnswer(kind: ConsumerKind) throws {
        let consumer = try kind.makeForBytes(clock)
        let puller = ScriptedPuller()
        try consumer.registerProducer(puller)
        consumer.write(contentsOf: [[], [], []])
        #expect(!consumer.snapshot.isAsked)
        clock.settle()
        #expect(puller.questions == 2)
        #expect(consumer.snapshot.isAsked)
    }

    @Test("C3.5: an empty sequence is no answer", arguments: ConsumerKind.roomy)
    func emptySequence(kind: ConsumerKind) throws {
        let consumer = try kind.makeForBytes(clock)
        let puller = ScriptedPuller()
        try consumer.registerProducer(puller)
        #expect(consumer.write(contentsOf: []) == .room)
        clock.settle()
        #expect(puller.questions == 1)
        #expect(consumer.snapshot.isAsked)
    }

    @Test("Between others it does not count, and the others answer at once", arguments: ConsumerKind.roomy)
    func between(kind: ConsumerKind) throws {
        let consumer = try kind.makeForBytes(clock)
        let puller = ScriptedPuller()
        try consumer.registerProducer(puller)
        consumer.write(contentsOf: [[], [1], [], [2, 3], []])
        #expect(puller.questions == 2)
        #expect(consumer.snapshot.isAsked)
        let weight = 3 + 2 * entryOverhead
        #expect(consumer.snapshot.delivery.accepted == Delivery.Amount(elements: 2, weight: weight))
        clock.settle()
        #expect(puller.questions == 2)
    }

    @Test("C3.2: after the end it is refused like any other", arguments: ConsumerKind.allCases, Writing.allCases)
    func afterEnd(kind: ConsumerKind, writing: Writing) throws {
        let consumer = try kind.makeForBytes(clock)
        consumer.abort(.aborted)
        #expect(writing.write([[], [1]], to: consumer) == .closed)
        #expect(writing.write([[]], to: consumer) == .closed)
        let weight = 1 + entryOverhead
        #expect(consumer.snapshot.delivery.refused == Delivery.Amount(elements: 3, weight: weight))
    }

    @Test("What holds elements holds the others alone, and in their order")
    func heldWithout() throws {
        let chunks: [[UInt8]] = [[], [1], [], [], [2], []]
        let buffer = Buffer<[UInt8]>(marks: .bytes, scheduler: clock)
        var notices = 0
        buffer.onReadable = { notices += 1 }
        buffer.write([])
        buffer.write(contentsOf: [[], []])
        #expect(notices == 0)
        buffer.write(contentsOf: chunks)
        #expect(notices == 1)
        #expect(buffer.take() == [1])
        #expect(buffer.take() == [2])
        #expect(buffer.take() == nil)

        let (left, right) = Duplex<[UInt8]>.pair(marks: .bytes, scheduler: clock)
        let adapter = PushFromPull<[UInt8]>(marks: .bytes, scheduler: clock)
        let map = Map<[UInt8], [UInt8]>(marks: .bytes, scheduler: clock, transform: { $0 + [9] })
        let sink = Collector<[UInt8]>(cap: 1_000, scheduler: clock)
        try right.attach(to: adapter)
        try adapter.attach(to: map)
        try map.attach(to: sink)
        left.write(contentsOf: chunks)
        for chunk in chunks { left.write(chunk) }
        clock.settle()
        #expect(sink.elements == [[1, 9], [2, 9], [1, 9], [2, 9]])
    }

    @Test("What drops elements sees the others alone")
    func droppedWithout() {
        let null = NullConsumer<[UInt8]>(scheduler: clock)
        var seen: [[UInt8]] = []
        null.onElement = { seen.append($0) }
        null.write([])
        null.write([1])
        null.write(contentsOf: [[], [2], []])
        #expect(seen == [[1], [2]])
    }

    @Test("C8.2: a stage that turns an element into nothing answers upstream, and gives nothing downstream")
    func nothingOut() throws {
        let map = Map<[UInt8], [UInt8]>(marks: .bytes, scheduler: clock, transform: { $0.filter { $0 > 3 } })
        let sink = Collector<[UInt8]>(cap: 1_000, scheduler: clock)
        try map.attach(to: sink)
        let puller = ScriptedPuller()
        puller.onAsk = { if $0 <= 5 { map.write([UInt8($0)]) } else { map.unregisterProducer() } }
        try map.registerProducer(puller)
        clock.settle()
        #expect(puller.questions == 6)
        #expect(sink.elements == [[4], [5]])
        #expect(sink.snapshot.delivery.accepted.elements == 2)
        #expect(map.snapshot.delivery.accepted.elements == 5)
        #expect(map.snapshot.level == 0)
        #expect(clock.isIdle)
    }

    @Test("A framer takes it for nothing too", arguments: [true, false])
    func framer(bySequence: Bool) throws {
        let framer = LineFramer<ArraySlice<UInt8>>(maximumLength: 10, scheduler: clock)
        try framer.attach(to: Buffer<Line<ArraySlice<UInt8>>>(marks: .bytes, scheduler: clock))
        let puller = ScriptedPuller()
        try framer.registerProducer(puller)
        #expect(puller.questions == 1)
        #expect((bySequence ? framer.write(contentsOf: [[], []]) : framer.write([])) == .room)
        #expect(framer.snapshot.delivery.accepted.elements == 0)
        #expect(puller.questions == 1)
        clock.settle()
        #expect(puller.questions == 2)
        // An empty sequence is no answer.
        #expect(framer.write(contentsOf: []) == .room)
        clock.settle()
        #expect(puller.questions == 2)
        framer.write(contentsOf: [[], [65]])
        #expect(framer.snapshot.delivery.accepted.elements == 1)
        #expect(puller.questions == 3)
    }

    @Test("Where the weight is given, everything is queued, and every element has content unless it says otherwise")
    func explicitWeight() {
        let bytes = Buffer<[UInt8]>(marks: .bytes, weight: { $0.weight }, scheduler: clock)
        bytes.write([])
        bytes.write(contentsOf: [[], [1]])
        #expect(bytes.count == 3)

        struct Plain: Weighted { var weight: Int }
        let plain = Buffer<Plain>(marks: .bytes, scheduler: clock)
        plain.write(Plain(weight: 1))
        #expect(plain.count == 1)
    }

    @Test("C0: an element with content that weighs nothing is a precondition failure")
    func weightless() async {
        await #expect(processExitsWith: .failure) {
            struct Weightless: Weighted { var weight: Int { 0 } }
            Buffer<Weightless>(marks: .bytes, scheduler: VirtualClock()).write(Weightless())
        }
        await #expect(processExitsWith: .failure) {
            NullConsumer<Int>(weight: { $0 }, scheduler: VirtualClock()).write(0)
        }
        await #expect(processExitsWith: .failure) {
            Duplex<Int>.pair(marks: .bytes, weight: { $0 }, scheduler: VirtualClock()).left.write(contentsOf: [1, 0])
        }
    }
}
