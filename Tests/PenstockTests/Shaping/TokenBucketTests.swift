import Penstock
import PenstockTesting
import Testing

@Suite("A rate limit")
struct TokenBucketTests {
    let clock = VirtualClock()

    func sink() -> NullConsumer<Int> { NullConsumer(weight: { _ in 1 }, scheduler: clock) }

    @Test("B78: it admits at most its burst, then rate times the time that has passed")
    func burstThenRate() throws {
        let sink = sink()
        let bucket = TokenBucket(rate: 10, burst: 20, scheduler: clock)
        sink.gate.add(bucket)
        try SequenceSource(1...1_000, scheduler: clock).attach(to: sink)
        #expect(sink.total.elements == 20)
        for second in 1...10 {
            clock.advance(by: .seconds(1))
            #expect(abs(sink.total.elements - (20 + 10 * second)) <= 1)
        }
        #expect(sink.snapshot.waits.contains { $0.reason.contains("rate limit") })
    }

    @Test("B78: the bucket fills up to its burst and no further")
    func fillsToBurst() {
        let bucket = TokenBucket(rate: 10, burst: 20, scheduler: clock)
        let sink = sink()
        sink.gate.add(bucket)
        sink.write(contentsOf: 0..<15)
        #expect(bucket.available == 5)
        clock.advance(by: .milliseconds(500))
        #expect(abs(bucket.available - 10) < 1e-9)
        clock.advance(by: .seconds(100))
        #expect(bucket.available == 20)
    }

    @Test("B80, B81: two a second for ten seconds is twenty, however the time is cut", arguments: [1, 3, 7, 1_000])
    func fractions(steps: Int) throws {
        let sink = sink()
        sink.gate.add(TokenBucket(rate: 2, burst: 1, scheduler: clock))
        try SequenceSource(1...100, scheduler: clock).attach(to: sink)
        // The first element uses up what was there.
        #expect(sink.total.elements == 1)
        for step in 1...steps {
            let end = Duration.seconds(10) * step / steps
            clock.advance(by: end - clock.now)
        }
        #expect(sink.total.elements == 21)
    }

    @Test("B82: an allowance of nothing wakes itself, with a rate below one a second too")
    func wakesItself() throws {
        let sink = sink()
        let producer = StrictProducer()
        try sink.registerProducer(producer)
        sink.gate.add(TokenBucket(rate: 0.1, burst: 1, scheduler: clock))
        sink.write(1)
        #expect(producer.signals == [.pause])
        clock.advance(by: .seconds(9.5))
        #expect(producer.signals == [.pause])
        clock.advance(by: .seconds(0.5))
        #expect(producer.signals == [.pause, .resume])
        #expect(clock.isIdle)
    }

    @Test("B83: twenty at ten a second: the producer waits until the debt is paid")
    func debt() throws {
        let sink = NullConsumer<Int>(weight: { $0 }, scheduler: clock)
        sink.gate.add(TokenBucket(rate: 10, burst: 10, scheduler: clock))
        let producer = StrictProducer()
        try sink.registerProducer(producer)
        sink.write(20)
        #expect(producer.signals == [.pause])
        clock.advance(by: .milliseconds(999))
        #expect(producer.signals == [.pause])
        clock.advance(by: .milliseconds(101))
        #expect(producer.signals == [.pause, .resume])
    }

    @Test("B84: it covers pull producers, and writers that never registered")
    func coversEverybody() throws {
        let bucket = TokenBucket(rate: 10, burst: 10, scheduler: clock)
        let pulled = sink()
        pulled.gate.add(bucket)
        let written = sink()
        written.gate.add(bucket)
        for n in 0..<9 { #expect(written.write(n) == .room) }
        written.write(9)
        #expect(written.write(10) == .full)
        let puller = ScriptedPuller()
        try pulled.registerProducer(puller)
        #expect(puller.questions == 0)
        // One token of debt, and one to go on with.
        clock.advance(by: .milliseconds(199))
        #expect(puller.questions == 0)
        clock.advance(by: .milliseconds(101))
        #expect(puller.questions == 1)
        #expect(written.write(11) == .room)
    }

    @Test("One that is added while there are no tokens is held at once, and released with the others")
    func addedWhileEmpty() throws {
        let bucket = TokenBucket(rate: 10, burst: 1, scheduler: clock)
        let first = sink()
        first.gate.add(bucket)
        first.write(1)
        let second = sink()
        second.gate.add(bucket)
        #expect(second.snapshot.waits.count == 1)
        clock.advance(by: .seconds(1))
        #expect(first.gate.flow.holds.isEmpty && second.gate.flow.holds.isEmpty)
    }

    @Test("C8.4: streams that share a rate get the same of it")
    func isFair() throws {
        let bucket = TokenBucket(rate: 100, burst: 1, scheduler: clock)
        let sinks = (0..<4).map { _ in sink() }
        for sink in sinks {
            sink.gate.add(bucket)
            try SequenceSource(0..., scheduler: clock).attach(to: sink)
        }
        clock.advance(by: .seconds(10))
        for sink in sinks {
            #expect(abs(sink.total.elements - 250) <= 5)
            sink.abort(.cancelled)
        }
        clock.settle()
        #expect(clock.isIdle)
    }

    @Test("A changed rate holds from now on")
    func changedRate() throws {
        let sink = sink()
        let bucket = TokenBucket(rate: 0.001, burst: 1, scheduler: clock)
        sink.gate.add(bucket)
        sink.write(1)
        #expect(sink.gate.flow.holds == [.rateLimit])
        bucket.setRate(1)
        clock.advance(by: .seconds(1))
        #expect(sink.gate.flow.holds == [])
    }

    @Test("Removed, or with the last stream ended, it lets go and its timer is gone", arguments: [true, false])
    func detached(byEnd: Bool) throws {
        let sink = sink()
        let bucket = TokenBucket(rate: 1, burst: 1, scheduler: clock)
        sink.gate.add(bucket)
        sink.write(1)
        #expect(!clock.isIdle)
        if byEnd { sink.gate.end(.aborted) } else { sink.gate.remove(bucket) }
        #expect(clock.isIdle)
        #expect(sink.gate.flow.holds == [])
    }

    @Test("A rate must be above zero, and a burst at least one")
    func preconditions() async {
        await #expect(processExitsWith: .failure) { _ = TokenBucket(rate: 0, scheduler: VirtualClock()) }
        await #expect(processExitsWith: .failure) { _ = TokenBucket(rate: .nan, scheduler: VirtualClock()) }
        await #expect(processExitsWith: .failure) { _ = TokenBucket(rate: 1, burst: 0.5, scheduler: VirtualClock()) }
    }
}
