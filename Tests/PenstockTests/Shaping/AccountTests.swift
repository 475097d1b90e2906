import Penstock
import PenstockTesting
import Testing

@Suite("A budget for several streams")
struct AccountTests {
    let clock = VirtualClock()

    func buffers(_ count: Int, sharing account: Account) -> [Buffer<Int>] {
        (0..<count).map { _ in
            let buffer = Buffer<Int>(marks: Watermarks(low: 100, high: 100), weight: { _ in 1 }, scheduler: clock)
            buffer.gate.add(account)
            return buffer
        }
    }

    @Test("Together they hold at most the limit plus one element")
    func bounded() throws {
        let account = Account(limit: 10)
        let buffers = buffers(5, sharing: account)
        let producers = try buffers.map { buffer in
            let producer = StrictProducer()
            try buffer.registerProducer(producer)
            return producer
        }
        for _ in 0..<20 {
            for (buffer, producer) in zip(buffers, producers) where producer.state == .running { buffer.write(1) }
        }
        #expect(account.used == 11)
        #expect(account.peak == 11)
        #expect(producers.allSatisfy { $0.state == .paused })
        for buffer in buffers { while buffer.take() != nil {} }
        #expect(account.used == 0)
        #expect(producers.allSatisfy { $0.signals == [.pause, .resume] })
        #expect(producers.allSatisfy { $0.violations == [] })
    }

    @Test("One that is added while there is no credit is held at once")
    func addedWhileExhausted() throws {
        let account = Account(limit: 2)
        let first = buffers(1, sharing: account)[0]
        first.write(contentsOf: 0..<3)
        let late = buffers(1, sharing: account)[0]
        #expect(late.write(1) == .full)
        #expect(account.used == 4)
        while first.take() != nil {}
        #expect(late.gate.flow.holds == [])
    }

    @Test("C4.8: credit given back inside the pause of one leaves nobody held")
    func givenBackInsidePause() throws {
        let account = Account(limit: 4)
        let buffers = buffers(3, sharing: account)
        let producer = StrictProducer()
        producer.onPause = { while buffers[0].take() != nil {} }
        try buffers[0].registerProducer(producer)
        buffers[0].write(contentsOf: 0..<5)
        clock.settle()
        #expect(account.used == 0)
        for buffer in buffers { #expect(buffer.gate.flow.holds == []) }
        #expect(producer.state == .running)
        #expect(producer.violations == [])
    }

    @Test("C4.1: credit used up by another while this one drains: no pause comes before its resume")
    func drainedAndExhaustedAtOnce() throws {
        let account = Account(marks: Watermarks(low: 2, high: 3))
        let first = Buffer<Int>(marks: Watermarks(low: 3, high: 3), weight: { _ in 1 }, scheduler: clock)
        let second = buffers(1, sharing: account)[0]
        first.gate.add(account)
        let firstProducer = StrictProducer()
        let secondProducer = StrictProducer()
        try first.registerProducer(firstProducer)
        try second.registerProducer(secondProducer)
        // Resumed, the second uses up the credit before the first can be resumed.
        secondProducer.onResume = { second.write(contentsOf: 0..<5) }
        first.write(contentsOf: 0..<4)
        while first.take() != nil {}
        clock.settle()
        #expect(firstProducer.violations == [])
        #expect(secondProducer.violations == [])
        #expect(firstProducer.state == .paused)
        while second.take() != nil {
            if second.gate.flow.holds.isEmpty { secondProducer.onResume = nil }
        }
        clock.settle()
        #expect(firstProducer.state == .running)
        #expect(firstProducer.violations == [])
    }

    @Test("C4.1: a meter that holds while it hears of a drain: no pause comes before the resume of that drain")
    func heldInsideDrain() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 0, high: 0), weight: { _ in 1 }, scheduler: clock)
        buffer.gate.add(HoldsWhenDrained())
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.write(1)
        _ = buffer.take()
        #expect(producer.signals == [.pause])
        buffer.release()
        #expect(producer.signals == [.pause, .resume])
        #expect(producer.violations == [])
    }

    @Test("C8.4: nobody starves: who used the credit up comes last the next time")
    func isFair() throws {
        let account = Account(limit: 1)
        let buffers = buffers(3, sharing: account)
        var written = [0, 0, 0]
        for (index, buffer) in buffers.enumerated() {
            let producer = StrictProducer()
            let produce = {
                while producer.state == .running {
                    buffer.write(1)
                    written[index] += 1
                }
            }
            producer.onResume = produce
            try buffer.registerProducer(producer)
            produce()
        }
        for _ in 0..<300 {
            // Bounded, because a producer that is alone with the credit refills inside every take.
            for buffer in buffers { for _ in 0..<10 { _ = buffer.take() } }
            clock.settle()
        }
        let most = try #require(written.max())
        let least = try #require(written.min())
        #expect(least > 0 && most - least <= most / 10 + 4)
    }

    @Test("A stream that ends gives its credit back, and one that is removed is no longer held")
    func detached() throws {
        let account = Account(limit: 4)
        let buffers = buffers(2, sharing: account)
        buffers[0].write(contentsOf: 0..<5)
        #expect(buffers[1].gate.flow.holds == [.budget])
        buffers[0].abort(.aborted)
        #expect(account.used == 0)
        #expect(buffers[1].gate.flow.holds == [])
        buffers[1].write(contentsOf: 0..<5)
        buffers[1].gate.remove(account)
        #expect(account.used == 0)
        #expect(buffers[1].gate.flow.holds == [])
    }
}

/// A meter that wants nothing more as soon as something is drained.
private final class HoldsWhenDrained: Meter {
    func attached(to gate: Gate) {}
    func accepted(_ weight: Int, at gate: Gate) {}
    func drained(_ weight: Int, at gate: Gate) { gate.hold(.owner) }
    func detached(from gate: Gate) {}
}
