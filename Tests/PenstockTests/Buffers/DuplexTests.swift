import Penstock
import PenstockTesting
import Testing

@Suite("A transport in memory")
struct DuplexTests {
    let clock = VirtualClock()
    let left: Duplex<Int>
    let right: Duplex<Int>

    init() {
        (left, right) = Duplex.pair(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock)
    }

    func collector() -> Collector<Int> { Collector(cap: 10_000, weight: { _ in 1 }, scheduler: clock) }

    @Test("B45, C7.1: rapid pause and resume: nothing is lost or reordered, nothing comes while paused")
    func rapidPauses() throws {
        let sink = NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
        var seen: [Int] = []
        sink.onElement = {
            #expect(!sink.snapshot.isPaused)
            seen.append($0)
            if $0 % 3 == 0 { sink.hold() }
            if $0 % 7 == 0 { sink.hold("another") }
        }
        try right.attach(to: sink)
        try SequenceSource(1...500, scheduler: clock).attach(to: left)
        while sink.end == nil {
            clock.settle()
            sink.release()
            sink.release("another")
        }
        #expect(seen == Array(1...500))
    }

    @Test("B46, C7.2: the peer wrote and finished while we were paused: the elements, then the end, after the resume")
    func finishedWhilePaused() throws {
        let sink = collector()
        sink.hold()
        var inboundEnd: EndReason.Code?
        right.onInboundEnd = { inboundEnd = $0.code }
        try right.attach(to: sink)
        left.write(contentsOf: [1, 2, 3])
        left.finishWriting()
        clock.settle()
        #expect(sink.elements == [])
        #expect(left.snapshot.phase == .draining)
        sink.release()
        clock.settle()
        #expect(sink.elements == [1, 2, 3])
        #expect(sink.end?.code == .finished)
        #expect(inboundEnd == .finished)
    }

    @Test("C7.2: a paused transport learns at once that its peer is gone; the consumer only after the resume")
    func lostWhilePaused() throws {
        let sink = collector()
        sink.hold()
        try right.attach(to: sink)
        let producer = StrictProducer()
        var order: [String] = []
        producer.onStop = { _ in order.append("stopped") }
        try right.registerProducer(producer)
        right.onEnd = { reason, _ in order.append("told \(reason.code)") }
        right.onInboundEnd = { order.append("inbound \($0.code)") }
        left.abort(.aborted)
        clock.settle()
        #expect(order == ["stopped", "told lost", "inbound lost"])
        #expect(sink.end == nil)
        sink.release()
        #expect(sink.end?.code == .lost)
        #expect(producer.signals == [.stop])
    }

    @Test("C7.4: a pause before the first element is honoured")
    func pausedFromTheStart() throws {
        let sink = collector()
        left.write(1)
        clock.settle()
        try right.attach(to: sink)
        right.pauseProducing()
        clock.settle()
        #expect(sink.elements == [])
        right.resumeProducing()
        clock.settle()
        #expect(sink.elements == [1])
    }

    @Test("C7.5: without a consumer at the other end the writer meets back-pressure")
    func nobodyReads() throws {
        let producer = StrictProducer()
        try left.registerProducer(producer)
        for n in 0..<5 { left.write(n) }
        clock.settle()
        #expect(producer.signals == [.pause])
        let sink = collector()
        try right.attach(to: sink)
        clock.settle()
        #expect(producer.signals == [.pause, .resume])
        #expect(sink.elements == [0, 1, 2, 3, 4])
    }

    @Test("C7.7: stopped, it discards and counts what comes in, and goes on writing")
    func stopped() throws {
        let sink = collector()
        try right.attach(to: sink)
        sink.abort(.cancelled)
        left.write(contentsOf: [1, 2, 3])
        clock.settle()
        #expect(right.discarded == 3)
        #expect(left.snapshot.level == 0)
        #expect(right.write(4) == .room)
        #expect(right.snapshot.phase == .open)
    }

    @Test("B11, C6.3: finish waits for the producer, then delivers all, then the other end sees the end")
    func finishDeliversAll() throws {
        let sink = collector()
        try right.attach(to: sink)
        let producer = StrictProducer()
        try left.registerProducer(producer)
        left.write(1)
        left.finish(within: nil)
        clock.advance(by: .seconds(3_600))
        #expect(sink.end == nil)
        #expect(left.write(2) == .room)
        left.unregisterProducer()
        producer.unregistered()
        clock.settle()
        #expect(sink.elements == [1, 2])
        #expect(sink.end?.code == .finished)
        #expect(left.gate.end?.code == .finished)
        #expect(producer.violations == [])
    }

    @Test("C7.3: an end that loses the other one drops and counts what had not been delivered")
    func lossIsCounted() throws {
        var told: Delivery?
        left.onEnd = { told = $1 }
        left.write(contentsOf: [1, 2, 3])
        right.abort(.cancelled)
        clock.settle()
        #expect(left.gate.end?.code == .lost)
        #expect(told?.dropped.elements == 3)
        #expect(right.discarded == 0)
    }

    @Test("C6.7: an end that was failed and is then lost keeps its error")
    func lossAfterFailure() throws {
        left.write(1)
        left.fail(TestFailure())
        right.abort(.cancelled)
        clock.settle()
        #expect(left.gate.end?.error is TestFailure)
        #expect(left.snapshot.delivery.dropped.elements == 1)
    }

    @Test("C6.7: an end that was failed and is then aborted ends at once, and both ends hear of the first error")
    func abortAfterFailure() throws {
        var lost: EndReason?
        right.onInboundEnd = { lost = $0 }
        left.write(1)
        left.fail(TestFailure())
        left.abort(.cancelled)
        clock.settle()
        #expect(left.gate.end?.error is TestFailure)
        #expect(left.snapshot.delivery.dropped.elements == 1)
        #expect((lost?.error as? EndReason)?.error is TestFailure)
    }

    @Test("C6.3: a graceful end that takes longer than its deadline becomes an abort")
    func deadline() throws {
        let producer = StrictProducer()
        try left.registerProducer(producer)
        left.finish()
        clock.advance(by: .seconds(29))
        #expect(left.gate.end == nil)
        clock.advance(by: .seconds(1))
        #expect(left.gate.end?.code == .timedOut)
        #expect(right.gate.end?.code == .lost)
        #expect(producer.signals == [.stop])
        #expect(clock.isIdle)
    }

    @Test("C6.3: an end that comes in time leaves no deadline behind", arguments: [true, false])
    func deadlineCalledOff(graceful: Bool) throws {
        try right.attach(to: collector())
        left.write(1)
        left.finish()
        #expect(!clock.isIdle)
        if graceful { clock.settle() } else { left.abort(.aborted) }
        clock.settle()
        #expect(clock.isIdle)
        #expect(left.gate.end?.code == (graceful ? .finished : .aborted))
    }

    @Test("C6.4: half-close ends the write side and leaves the read side delivering")
    func halfClose() throws {
        let leftSink = collector()
        let rightSink = collector()
        try left.attach(to: leftSink)
        try right.attach(to: rightSink)
        left.write(1)
        left.finishWriting()
        clock.settle()
        #expect(rightSink.end?.code == .finished)
        #expect(left.write(2) == .closed)
        right.write(3)
        clock.settle()
        #expect(leftSink.elements == [3])
        right.finishWriting()
        clock.settle()
        #expect(leftSink.end?.code == .finished)
        #expect(right.gate.end?.code == .finished)
    }

    @Test("C6.6: a failed transport delivers what was accepted, and then both ends are lost, never in order")
    func failIsAReset() throws {
        let sink = collector()
        try right.attach(to: sink)
        let producer = StrictProducer()
        try right.registerProducer(producer)
        left.write(contentsOf: [1, 2])
        left.fail(TestFailure())
        clock.settle()
        #expect(sink.elements == [1, 2])
        #expect(sink.end?.code == .lost)
        #expect(right.gate.end?.code == .lost)
        #expect(producer.signals == [.stop])
        #expect(left.gate.end?.error as? TestFailure == TestFailure())
    }

    @Test("B16, C6.5: abort inside a delivery: nothing more is delivered, one teardown")
    func abortInsideDelivery() throws {
        let sink = NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
        var seen: [Int] = []
        var told = 0
        right.onEnd = { _, _ in told += 1 }
        sink.onElement = {
            seen.append($0)
            if $0 == 2 { right.abort(.aborted) }
        }
        try right.attach(to: sink)
        left.write(contentsOf: [1, 2, 3, 4])
        clock.settle()
        #expect(seen == [1, 2])
        #expect(told == 1)
        #expect(left.gate.end?.code == .lost)
    }

    @Test("B86, C7.1: two pairs relay into each other, bounded, with half-close both ways")
    func relay() throws {
        let (back, server) = Duplex<Int>.pair(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock)
        // `finish` would end the other direction as well.
        try right.attach(to: back, atEnd: .leaveOpen, done: { _ in back.finishWriting() })
        try back.attach(to: right, atEnd: .leaveOpen, done: { [right] _ in right.finishWriting() })
        // An echo server: what comes in goes out again.
        try server.attach(to: server, atEnd: .leaveOpen, done: { _ in server.finishWriting() })
        let sink = collector()
        try left.attach(to: sink)
        let source = SequenceSource(1...1_000, scheduler: clock)
        try source.attach(to: left, atEnd: .leaveOpen, done: { [left] _ in left.finishWriting() })
        clock.settle()
        #expect(sink.elements.count == 1_000 && sink.elements == sink.elements.sorted())
        #expect(sink.end?.code == .finished)
        for end in [left, right, back, server] {
            #expect(end.gate.end?.code == .finished)
            #expect(end.snapshot.peak <= 5)
        }
    }

    @Test("C1.9: both ends are released when they have ended")
    func released() throws {
        weak var leftEnd: Duplex<Int>?
        weak var rightEnd: Duplex<Int>?
        do {
            let pair = Duplex<Int>.pair(marks: .bytes, weight: { _ in 1 }, scheduler: clock)
            (leftEnd, rightEnd) = (pair.left, pair.right)
            try pair.right.attach(to: collector())
            pair.left.write(1)
            pair.left.abort(.aborted)
            clock.settle()
        }
        clock.settle()
        #expect(leftEnd == nil)
        #expect(rightEnd == nil)
    }

    /// Something whose release can be seen.
    final class Parcel {}

    typealias Parcels = Duplex<Parcel>

    func parcels() -> (left: Parcels, right: Parcels) {
        Parcels.pair(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock)
    }

    @Test("C1.9: a pair that is abandoned before its end is released with all it holds", arguments: [true, false])
    func abandoned(finishing: Bool) throws {
        weak var leftEnd: Parcels?
        weak var rightEnd: Parcels?
        weak var parcel: Parcel?
        weak var gate: Gate?
        do {
            let (left, right) = parcels()
            (leftEnd, rightEnd, gate) = (left, right, right.gate)
            let new = Parcel()
            parcel = new
            left.write(new)
            right.write(new)
            if finishing { left.finishWriting() }
        }
        #expect(leftEnd == nil && rightEnd == nil)
        clock.settle()
        #expect(parcel == nil && gate == nil)
        #expect(clock.isIdle)
    }

    @Test("C1.9: an end that is left alone gets what was written to it, and the end")
    func leftAlone() throws {
        weak var goneEnd: Parcels?
        weak var sinkEnd: Parcels?
        var told: [EndReason.Code] = []
        var delivery: Delivery?
        do {
            let (gone, kept) = parcels()
            goneEnd = gone
            sinkEnd = kept
            gone.onEnd = { reason, whole in
                told.append(reason.code)
                delivery = whole
            }
            gone.write(Parcel())
            gone.write(contentsOf: [Parcel(), Parcel()])
            gone.finishWriting()
            let sink = Collector<Parcel>(cap: 10, weight: { _ in 1 }, scheduler: clock)
            sink.hold()
            try kept.attach(to: sink)
            clock.settle()
            #expect(sink.elements.isEmpty && told == [])
            sink.release()
            clock.settle()
            #expect(sink.elements.count == 3)
            #expect(sink.end?.code == .finished)
            #expect(kept.write(Parcel()) == .room)
        }
        #expect(told == [.finished])
        #expect(delivery?.isComplete == true)
        clock.settle()
        #expect(goneEnd == nil && sinkEnd == nil)
    }

    @Test("C1.9: alone, it keeps only what it may still deliver, and can end")
    func endsAlone() throws {
        let kept: Parcels
        weak var gone: Parcels?
        (kept, gone) = {
            let pair = parcels()
            return (pair.left, pair.right)
        }()
        #expect(gone == nil)
        weak var parcel: Parcel?
        do {
            let new = Parcel()
            parcel = new
            kept.write(new)
        }
        clock.settle()
        #expect(parcel != nil)
        kept.finish()
        clock.advance(by: .seconds(30))
        #expect(kept.gate.end?.code == .timedOut)
        #expect(parcel == nil)
        #expect(clock.isIdle)
    }
}
