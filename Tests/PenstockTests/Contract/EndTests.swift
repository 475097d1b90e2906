import Penstock
import PenstockTesting
import Testing

@Suite("C6: the end")
struct EndTests {
    let clock = VirtualClock()

    func buffer(low: Int = 2, high: Int = 4) -> Buffer<Int> {
        Buffer(marks: Watermarks(low: low, high: high), weight: { _ in 1 }, scheduler: clock)
    }

    @Test("C6.1: a registered producer is stopped once with the reason", arguments: ConsumerKind.allCases)
    func stopsOnce(kind: ConsumerKind) throws {
        for byFailure in [true, false] {
            let consumer = try kind.make(clock)
            let producer = StrictProducer()
            try consumer.registerProducer(producer)
            if byFailure { consumer.fail(TestFailure()) } else { consumer.abort(.cancelled) }
            consumer.abort(.aborted)
            consumer.fail(TestFailure(number: 2))
            clock.settle()
            #expect(producer.signals.filter { $0 == .stop }.count == 1)
            if byFailure {
                #expect(producer.stopReason?.error as? TestFailure == TestFailure())
            } else {
                #expect(producer.stopReason?.code == .cancelled)
            }
            #expect(producer.violations == [])
        }
    }

    @Test("C6.1: a producer that unregistered first is not stopped", arguments: ConsumerKind.allCases)
    func notStoppedAfterUnregistering(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        consumer.unregisterProducer()
        producer.unregistered()
        consumer.abort(.aborted)
        clock.settle()
        #expect(producer.violations == [])
    }

    @Test(
        "C6.2: at the loss: slot free, producer stopped, held dropped and counted, owner told; no callback skips a step"
    )
    func orderOfTheEnd() throws {
        let buffer = buffer()
        var order: [String] = []
        let producer = StrictProducer()
        let successor = StrictProducer()
        producer.onStop = { _ in
            order.append("stopped in \(buffer.snapshot.phase), \(buffer.snapshot.kind), holding \(buffer.count)")
            buffer.unregisterProducer()
            buffer.write(7)
            buffer.finish()
            buffer.abort(.aborted)
            do { try buffer.registerProducer(successor) } catch { Issue.record(error) }
        }
        buffer.onEnd = { reason, delivery in
            order.append("told \(reason.code), dropped \(delivery.dropped.elements), holding \(buffer.count)")
        }
        try buffer.registerProducer(producer)
        buffer.write(contentsOf: [1, 2, 3])
        buffer.gate.end(EndReason(.lost))
        clock.settle()
        #expect(order == ["stopped in ended, none, holding 3", "told lost, dropped 3, holding 0"])
        #expect(producer.signals == [.stop])
        #expect(successor.signals == [.stop])
        #expect(successor.stopReason?.code == .lost)
        #expect(buffer.snapshot.delivery.refused.elements == 1)
    }

    enum Waiting: CaseIterable { case pushRunning, pushPaused, pull }

    @Test("B10, B11, C6.3: finish waits for the producer, push or pull, paused or not", arguments: Waiting.allCases)
    func finishWaits(waiting: Waiting) throws {
        let buffer = buffer()
        let producer = StrictProducer()
        let puller = ScriptedPuller()
        if waiting == .pull {
            try buffer.registerProducer(puller)
        } else {
            try buffer.registerProducer(producer)
        }
        if waiting == .pushPaused { buffer.write(contentsOf: 0..<5) }
        buffer.finish()
        buffer.finish()
        clock.advance(by: .seconds(3_600))
        #expect(buffer.snapshot.phase == .finishing)
        #expect(buffer.write(99) != .closed)
        while buffer.take() != nil {}
        #expect(buffer.end == nil)
        if waiting == .pushPaused { #expect(producer.signals == [.pause, .resume]) }
        if waiting == .pull { #expect(puller.questions >= 2) }
        buffer.write(100)
        buffer.unregisterProducer()
        producer.unregistered()
        #expect(buffer.end == nil)
        #expect(buffer.take() == 100)
        #expect(buffer.end?.code == .finished)
        #expect(producer.violations == [])
    }

    @Test("B12: unregistering when the end is told starts nothing again")
    func unregisterInsideEnd() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.write(contentsOf: 0..<3)
        buffer.finish()
        buffer.onEnd = { _, _ in buffer.unregisterProducer() }
        buffer.gate.end(EndReason(.lost))
        clock.settle()
        #expect(buffer.end?.code == .lost)
        #expect(producer.signals == [.stop])
        #expect(buffer.take() == nil)
    }

    @Test("B14, C6.5, C6.9: abort twice, or abort then finish: one teardown", arguments: ConsumerKind.allCases)
    func oneTeardown(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        var told: [EndReason.Code] = []
        consumer.onEnd = { reason, _ in told.append(reason.code) }
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        consumer.abort(.cancelled)
        consumer.abort(.aborted)
        consumer.finish()
        consumer.unregisterProducer()
        #expect(told == [])
        clock.settle()
        #expect(told == [.cancelled])
        #expect(producer.signals.last == .stop)
        #expect(producer.violations == [])
    }

    @Test("C6.5: an abort is never an orderly end", arguments: ConsumerKind.allCases)
    func abortIsNoFinish(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        consumer.abort(.finished)
        clock.settle()
        #expect(producer.stopReason?.code == .aborted)
    }

    @Test("B15, C6.5: abort does not wait for what is held, and counts it", arguments: ConsumerKind.holding)
    func abortDropsHeld(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        for n in 0..<6 { consumer.write(n) }
        consumer.finish()
        var delivery: Delivery?
        consumer.onEnd = { delivery = $1 }
        consumer.abort(.aborted)
        #expect(consumer.snapshot.phase == .ended)
        #expect(consumer.snapshot.level == 0)
        clock.settle()
        #expect(delivery?.dropped == Delivery.Amount(elements: 6, weight: 6))
        #expect(delivery?.isComplete == false)
        #expect(producer.signals == [.pause, .stop])
    }

    @Test("B16, C6.5: abort inside any signal stops the producer once; the owner is told on a later turn")
    func abortInsideSignals() throws {
        for signal in [StrictProducer.Signal.pause, .resume] {
            let buffer = buffer()
            let producer = StrictProducer()
            var told = 0
            buffer.onEnd = { _, _ in told += 1 }
            let abort = {
                buffer.abort(.cancelled)
                #expect(told == 0)
            }
            producer.onPause = signal == .pause ? abort : nil
            producer.onResume = signal == .resume ? abort : nil
            try buffer.registerProducer(producer)
            buffer.write(contentsOf: 0..<5)
            while buffer.take() != nil {}
            #expect(producer.signals.filter { $0 == .stop }.count == 1)
            #expect(told == 0)
            clock.settle()
            #expect(told == 1)
            #expect(producer.violations == [])
        }
        let buffer = buffer()
        let puller = ScriptedPuller()
        puller.onAsk = { _ in buffer.abort(.cancelled) }
        try buffer.registerProducer(puller)
        clock.settle()
        #expect(puller.questions == 1 && puller.stops.count == 1)
    }

    @Test("C6.6: fail is in order: what is held first, then the error")
    func failIsInOrder() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.write(contentsOf: [1, 2])
        buffer.fail(TestFailure())
        #expect(producer.signals == [.stop])
        #expect(buffer.end == nil)
        #expect(buffer.write(3) == .closed)
        #expect(buffer.take() == 1)
        #expect(buffer.take() == 2)
        #expect(buffer.end?.error as? TestFailure == TestFailure())
        #expect(buffer.snapshot.delivery.dropped.elements == 0)
    }

    @Test("C6.6: a failure after finish, while the producer still writes, is no orderly end")
    func failWhileFinishing() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.write(1)
        buffer.finish()
        buffer.fail(TestFailure())
        #expect(producer.signals == [.stop])
        #expect(buffer.take() == 1)
        #expect(buffer.end?.code == .failed)
    }

    @Test("C6.6: a failure never looks like success, whatever its error is")
    func failureIsNoSuccess() {
        let buffer = buffer()
        buffer.fail(EndReason.finished)
        #expect(buffer.end?.code == .failed)
        #expect(EndReason.failed(EndReason.cancelled).code == .cancelled)
    }

    @Test("C6.6, C6.2: a stage that fails stops its producer before the end is told")
    func failStopsFirst() throws {
        let framer = LineFramer<ArraySlice<UInt8>>(maximumLength: 10, scheduler: clock)
        let sink = Collector<Line<ArraySlice<UInt8>>>(cap: 1_000, scheduler: clock)
        try framer.attach(to: sink)
        let producer = StrictProducer()
        var order: [String] = []
        producer.onStop = { _ in order.append("stopped") }
        framer.onEnd = { _, delivery in order.append("told, dropped \(delivery.dropped.elements)") }
        try framer.registerProducer(producer)
        framer.write([65])
        framer.fail(TestFailure())
        clock.settle()
        #expect(order == ["stopped", "told, dropped 1"])
        #expect(sink.end?.error as? TestFailure == TestFailure())
    }

    @Test("C6.6: the end travels through every stage once, with the original error", arguments: [true, false])
    func travelsThroughStages(fails: Bool) throws {
        let marks = Watermarks(low: 2, high: 4)
        let stages = (0..<3).map { _ in
            Map<Int, Int>(marks: marks, weight: { _ in 1 }, scheduler: clock, transform: { $0 + 1 })
        }
        let sink = Collector<Int>(cap: 10, weight: { _ in 1 }, scheduler: clock)
        var told = 0
        sink.onEnd = { _, _ in told += 1 }
        try stages[0].attach(to: stages[1])
        try stages[1].attach(to: stages[2])
        try stages[2].attach(to: sink)
        stages[0].write(1)
        if fails { stages[0].fail(TestFailure()) } else { stages[0].finish() }
        clock.settle()
        #expect(sink.elements == [4])
        #expect(told == 1)
        #expect(sink.end?.code == (fails ? .failed : .finished))
        #expect(sink.end?.error as? TestFailure == (fails ? TestFailure() : nil))
    }

    @Test("C6.6: an end that comes before a stage has a consumer reaches the first one", arguments: [true, false])
    func endBeforeAttachment(fails: Bool) throws {
        let map = Map<Int, Int>(
            marks: Watermarks(low: 2, high: 4),
            weight: { _ in 1 },
            scheduler: clock,
            transform: { $0 }
        )
        if fails { map.fail(TestFailure()) } else { map.finish() }
        let sink = Collector<Int>(cap: 10, weight: { _ in 1 }, scheduler: clock)
        var results: [FlowResult] = []
        try map.attach(to: sink, atEnd: .finish, done: { results.append($0) })
        clock.settle()
        #expect(sink.end?.code == (fails ? .failed : .finished))
        #expect(results.count == 1)
        #expect(results.first?.isComplete == !fails)
        #expect(throws: RegistrationError.sourceEnded) { try map.attach(to: sink) }
    }

    @Test("C6.7: of two errors the first wins, and the observer hears of the second")
    func firstErrorWins() throws {
        let buffer = buffer()
        let log = EdgeLog()
        buffer.observer = log
        buffer.write(1)
        buffer.fail(TestFailure(number: 1))
        buffer.fail(TestFailure(number: 2))
        #expect(buffer.take() == 1)
        clock.settle()
        buffer.abort(.cancelled)
        clock.settle()
        #expect(buffer.end?.error as? TestFailure == TestFailure(number: 1))
        #expect(log.edges == ["ignoredEnd(failed)", "ended(failed)", "ignoredEnd(cancelled)"])
    }

    @Test(
        "C6.7, C6.5: aborted behind an error, it ends at once, with the error that came first",
        arguments: SecondEnd.all
    )
    func firstErrorWinsOverAbort(row: SecondEnd) throws {
        let buffer = buffer()
        let log = EdgeLog()
        buffer.observer = log
        var told: [EndReason] = []
        var dropped: Int?
        buffer.onEnd = {
            told.append($0)
            dropped = $1.dropped.elements
        }
        buffer.write(contentsOf: [1, 2])
        row.first(buffer)
        row.second(buffer)
        #expect(buffer.take() == nil, "what was held is dropped at once")
        #expect(told.isEmpty)
        clock.settle()
        #expect(told.map { ($0.error as? TestFailure)?.number.description ?? $0.code.description } == [row.told])
        #expect(dropped == 2)
        #expect(log.edges.filter { $0.hasPrefix("ignored") } == row.ignored)
        #expect(buffer.end?.code == told.first?.code)
    }

    @Test("C6.7, C6.6: a stage that is aborted behind an error fails its consumer with that error")
    func stageKeepsFirstError() throws {
        let map = Map<Int, Int>(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock) { $0 }
        let sink = buffer()
        sink.hold()
        try map.attach(to: sink)
        map.write(1)
        map.fail(TestFailure(number: 1))
        map.abort(.failed(TestFailure(number: 2)))
        clock.settle()
        #expect(map.gate.end?.error as? TestFailure == TestFailure(number: 1))
        #expect(sink.end?.error as? TestFailure == TestFailure(number: 1))
    }

    @Test("C6.8: whoever asked for the flow gets its result: elements, weight, pauses, peak, duration")
    func result() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 0, high: 4), weight: { _ in 5 }, scheduler: clock)
        let map = Map<Int, Int>(
            marks: Watermarks(low: 2, high: 400),
            weight: { _ in 1 },
            scheduler: clock,
            transform: { $0 }
        )
        var results: [FlowResult] = []
        try map.attach(to: buffer, atEnd: .leaveOpen, done: { results.append($0) })
        map.write(contentsOf: [1, 2])
        map.finish()
        clock.advance(by: .seconds(2))
        _ = buffer.take()
        clock.advance(by: .seconds(3))
        _ = buffer.take()
        clock.settle()
        let summary = try #require(try results.first?.get())
        #expect(results.count == 1)
        #expect(summary.elements == 2)
        #expect(summary.weight == 10)
        #expect(summary.pauses == 2)
        #expect(summary.peakLevel == 5)
        #expect(summary.timePaused == .seconds(2))
        #expect(summary.duration == .seconds(2))
        #expect(buffer.snapshot.phase == .open)
    }

    @Test("C6.8: a flow that is cut short reports why, and what was handed over until then")
    func cutShort() throws {
        let buffer = buffer(low: 0)
        let source = SequenceSource(1...100, scheduler: clock)
        var results: [FlowResult] = []
        try source.attach(to: buffer, atEnd: .finish, done: { results.append($0) })
        for n in 1...10 { #expect(buffer.take() == n) }
        buffer.abort(EndReason(.lost))
        #expect(results.count == 1)
        #expect(results.first?.end.code == .lost)
        #expect(results.first?.summary.elements == 11)
        #expect(throws: EndReason.self) { try results.first?.get() }
    }

    @Test("C6.9: the owner is told once, with reason and delivery, whatever the end", arguments: ConsumerKind.roomy)
    func ownerIsToldOnce(kind: ConsumerKind) throws {
        for end in 0..<3 {
            let consumer = try kind.make(clock)
            var told: [EndReason.Code] = []
            consumer.onEnd = { reason, _ in told.append(reason.code) }
            switch end {
            case 0: consumer.finish()
            case 1: consumer.fail(TestFailure())
            default: consumer.abort(.cancelled)
            }
            clock.settle()
            consumer.abort(.aborted)
            clock.settle()
            #expect(told == [[.finished], [.failed], [.cancelled]][end])
        }
    }

    @Test("C6.6: a reader that hears of the end has every element, also the one it is just taking")
    func readerHearsEndLast() throws {
        let buffer = buffer()
        var read: [String] = []
        let readAll = {
            while let element = buffer.take() { read.append("\(element)") }
            if let end = buffer.end { read.append(end.code.description) }
        }
        buffer.write(contentsOf: [1, 2])
        buffer.finish()
        buffer.onReadable = readAll
        buffer.onEnd = { _, _ in read.append("owner told") }
        readAll()
        clock.settle()
        #expect(read == ["1", "2", "finished", "owner told", "finished"])

        // One that takes a single element and waits for the next notice gets one.
        let second = self.buffer()
        var notices = 0
        second.write(1)
        second.finish()
        second.onReadable = { notices += 1 }
        #expect(second.take() == 1)
        #expect(notices == 0)
        clock.settle()
        #expect(notices == 1)
    }

    @Test("C3.7: a reader that takes while the producer refills gets everything in order")
    func readerKeepsOrder() throws {
        let buffer = buffer(low: 0, high: 0)
        var read: [Int] = []
        let readAll = { while let element = buffer.take() { read.append(element) } }
        let puller = ScriptedPuller()
        puller.onAsk = { if $0 <= 100 { buffer.write($0) } else { buffer.unregisterProducer() } }
        try buffer.registerProducer(puller)
        buffer.onReadable = readAll
        readAll()
        clock.settle()
        #expect(read == Array(1...100))
    }
}
