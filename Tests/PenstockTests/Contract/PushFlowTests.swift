import Penstock
import PenstockTesting
import Testing

@Suite("C4: push producers")
struct PushFlowTests {
    let clock = VirtualClock()

    func buffer(low: Int = 2, high: Int = 4) -> Buffer<Int> {
        Buffer(marks: Watermarks(low: low, high: high), weight: { _ in 1 }, scheduler: clock)
    }

    @Test("B35, C4.1, C4.2: one pause above the high mark, one resume at the low one")
    func pausesAndResumesOnce() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        for n in 1...4 { #expect(buffer.write(n) == .room) }
        #expect(producer.signals == [])
        #expect(buffer.write(5) == .full)
        #expect(buffer.write(6) == .full)
        #expect(producer.signals == [.pause])
        for n in 1...3 { #expect(buffer.take() == n) }
        #expect(producer.signals == [.pause])
        #expect(buffer.take() == 4)
        #expect(producer.signals == [.pause, .resume])
        #expect(producer.violations == [])
    }

    @Test("B35, C4.1: limit 500: 20 times 50 as a sequence is one pause; drained is one resume")
    func twentyTimesFifty() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 0, high: 500), weight: { $0 }, scheduler: clock)
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.write(contentsOf: Array(repeating: 50, count: 20))
        #expect(producer.signals == [.pause])
        while buffer.take() != nil {}
        #expect(producer.signals == [.pause, .resume])
    }

    @Test("C4.1: a producer that writes in a loop learns of the pause before its next element")
    func learnsInsideTheWrite() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        var written = 0
        while producer.state == .running {
            buffer.write(written)
            written += 1
        }
        #expect(written == 5)
    }

    @Test("B36, C4.4: a producer that overfills inside its resume: each drain is exactly resume, then pause")
    func overfillsInsideResume() throws {
        for bySequence in [true, false] {
            let buffer = buffer()
            let producer = StrictProducer()
            producer.onResume = {
                if bySequence { buffer.write(contentsOf: 0..<5) } else { for n in 0..<5 { buffer.write(n) } }
            }
            try buffer.registerProducer(producer)
            buffer.write(contentsOf: 0..<5)
            for round in 1...100 {
                while producer.signals.count < 1 + 2 * round { _ = buffer.take() }
            }
            #expect(producer.signals == [.pause] + (1...100).flatMap { _ in [StrictProducer.Signal.resume, .pause] })
            #expect(producer.violations == [])
        }
    }

    @Test("B38, C4.4: a producer that unregisters inside its pause hears nothing more")
    func unregistersInsidePause() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        producer.onPause = {
            buffer.unregisterProducer()
            producer.unregistered()
        }
        try buffer.registerProducer(producer)
        buffer.write(contentsOf: 0..<9)
        while buffer.take() != nil {}
        buffer.abort(.aborted)
        clock.settle()
        #expect(producer.signals == [.pause])
        #expect(producer.violations == [])
    }

    @Test("B39, C4.1: however many writes come above the mark, the pause comes once until the next resume")
    func pausesOnce() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        for round in 1...3 {
            for n in 0..<50 { buffer.write(n) }
            #expect(producer.signals.filter { $0 == .pause }.count == round)
            while buffer.take() != nil {}
            #expect(producer.signals.filter { $0 == .resume }.count == round)
        }
        #expect(producer.violations == [])
    }

    @Test("C4.2: no resume inside a write: a reader that takes everything inside it causes one on a later turn")
    func noResumeInsideWrite() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.onReadable = { while buffer.take() != nil {} }
        #expect(buffer.write(contentsOf: 0..<9) == .full)
        #expect(buffer.isEmpty)
        #expect(producer.signals == [.pause])
        clock.runTurn()
        #expect(producer.signals == [.pause, .resume])
        #expect(producer.violations == [])
    }

    @Test("C4.2: no resume inside a pause, nor inside another resume")
    func noResumeInsideSignals() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        var insideSignal = 0
        producer.onPause = {
            insideSignal += 1
            while buffer.take() != nil {}
            insideSignal -= 1
        }
        producer.onResume = {
            #expect(insideSignal == 0)
            insideSignal += 1
            if producer.signals.count < 10 { buffer.write(contentsOf: 0..<5) }
            while buffer.take() != nil {}
            insideSignal -= 1
        }
        try buffer.registerProducer(producer)
        buffer.write(contentsOf: 0..<5)
        #expect(producer.signals == [.pause])
        clock.settle()
        #expect(producer.signals.count >= 10)
        #expect(producer.state == .running)
        #expect(producer.violations == [])
    }

    @Test("C4.3: a resume only balances a pause; nothing comes after the end")
    func balanced() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.write(1)
        _ = buffer.take()
        buffer.marks = Watermarks(low: 10, high: 20)
        clock.settle()
        #expect(producer.signals == [])
        buffer.hold()
        buffer.abort(.aborted)
        buffer.release()
        clock.settle()
        #expect(producer.signals == [.pause, .stop])
    }

    @Test("C4.3: a resume that waits for a later turn is dropped if the stream ends before")
    func endBeforeLaterTurn() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.onReadable = { while buffer.take() != nil {} }
        buffer.write(contentsOf: 0..<9)
        #expect(!clock.isIdle)
        buffer.abort(.aborted)
        clock.settle()
        #expect(producer.signals == [.pause, .stop])
        #expect(producer.violations == [])
    }

    @Test("C4.4: a million synchronous refills run at constant stack depth")
    func millionRefills() throws {
        let buffer = buffer(low: 0, high: 0)
        let producer = StackGauge()
        producer.onResume = { buffer.write(1) }
        try buffer.registerProducer(producer)
        buffer.write(0)
        for _ in 0..<1_000_000 {
            _ = buffer.take()
            if buffer.isEmpty { clock.runTurn() }
        }
        #expect(producer.resumes >= 900_000)
        #expect(producer.spread < 64 << 10)
    }

    @Test("C4.4: a refill that drains itself inside every signal runs at constant stack depth")
    func refillsThatDrainThemselves() throws {
        let buffer = buffer(low: 0, high: 0)
        let producer = StackGauge()
        producer.onPause = { _ = buffer.take() }
        producer.onResume = { if producer.resumes < 100_000 { buffer.write(1) } }
        try buffer.registerProducer(producer)
        buffer.write(0)
        clock.settle()
        #expect(producer.resumes == 100_000)
        #expect(producer.spread < 64 << 10)
    }

    @Test("C4.4: producers that register one another inside their pause do not grow the stack")
    func registrationRecursion() throws {
        let buffer = buffer()
        buffer.write(contentsOf: 0..<5)
        let gauge = StackGauge()
        var last: Relayer?
        func registerNext(_ remaining: Int) {
            guard remaining > 0 else { return }
            let next = Relayer {
                gauge.measure()
                buffer.unregisterProducer()
                registerNext(remaining - 1)
            }
            last = next
            do { try buffer.registerProducer(next) } catch { Issue.record(error) }
        }
        registerNext(100_000)
        clock.settle()
        #expect(gauge.measured == 100_000)
        #expect(gauge.spread < 512 << 10)
        #expect(buffer.snapshot.kind == .none)
        withExtendedLifetime(last) {}
    }

    @Test(
        "C4.4: a producer that registers itself again inside its stop does not grow the stack, and is stopped each time"
    )
    func registersInsideStop() throws {
        let buffer = buffer()
        let producer = StackGauge()
        producer.onStop = {
            guard producer.stops < 10_000 else { return }
            do { try buffer.registerProducer(producer) } catch { Issue.record(error) }
        }
        try buffer.registerProducer(producer)
        buffer.abort(.aborted)
        clock.settle()
        #expect(producer.stops == 10_000)
        #expect(producer.spread < 512 << 10)
    }

    @Test("B41, C4.8, C6.1: lost while paused: one stop, before the owner is told, and no resume ever follows")
    func lostWhilePaused() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        var order: [String] = []
        producer.onStop = { _ in order.append("stopped") }
        buffer.onEnd = { _, _ in order.append("owner told") }
        try buffer.registerProducer(producer)
        buffer.write(contentsOf: 0..<5)
        buffer.gate.end(EndReason(.lost))
        while buffer.take() != nil {}
        clock.settle()
        #expect(order == ["stopped", "owner told"])
        #expect(producer.signals == [.pause, .stop])
        #expect(producer.stopReason?.code == .lost)
        #expect(producer.violations == [])
    }

    @Test("C4.5: pause and resume are idempotent for the producers of the package")
    func idempotentProducers() throws {
        let map = Map<Int, Int>(
            marks: Watermarks(low: 2, high: 4),
            weight: { _ in 1 },
            scheduler: clock,
            transform: { $0 }
        )
        let sink = Collector<Int>(cap: 10, weight: { _ in 1 }, scheduler: clock)
        try map.attach(to: sink)
        let upstream = StrictProducer()
        try map.registerProducer(upstream)
        map.resumeProducing()
        #expect(upstream.signals == [])
        map.pauseProducing()
        map.pauseProducing()
        map.write(1)
        #expect(sink.elements == [])
        map.resumeProducing()
        map.resumeProducing()
        #expect(sink.elements == [1])
        #expect(upstream.signals == [.pause, .resume])
        #expect(upstream.violations == [])
    }

    @Test("C0, C4.2: marks that change are effective at once, signals included")
    func changedMarks() throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.write(contentsOf: 0..<4)
        buffer.marks = Watermarks(low: 1, high: 3)
        #expect(producer.signals == [.pause])
        buffer.marks = Watermarks(low: 3, high: 9)
        #expect(producer.signals == [.pause])
        buffer.marks = Watermarks(low: 4, high: 9)
        #expect(producer.signals == [.pause, .resume])
    }

    @Test("C10.2: an obedient producer lifts the level to the high mark plus one element, and no further")
    func peakOfObedient() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 30, high: 60), weight: { $0 }, scheduler: clock)
        let producer = StrictProducer()
        let produce = { while producer.state == .running { buffer.write(7) } }
        producer.onResume = produce
        try buffer.registerProducer(producer)
        produce()
        for _ in 0..<10_000 {
            _ = buffer.take()
            clock.runTurn()
        }
        #expect(buffer.snapshot.peak == 63)
        #expect(producer.violations == [])
    }
}

/// A push producer that registers its successor inside its pause.
private final class Relayer: PushProducer {
    private let onPause: () -> Void
    init(onPause: @escaping () -> Void) { self.onPause = onPause }
    func pauseProducing() { onPause() }
    func resumeProducing() {}
    func stopProducing(_ reason: EndReason) {}
}
