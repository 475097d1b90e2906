import Penstock
import PenstockTesting
import Testing

@Suite("A sequence as a source")
struct SequenceSourceTests {
    let clock = VirtualClock()

    func collector() -> Collector<Int> { Collector(cap: 1_000, weight: { _ in 1 }, scheduler: clock) }

    @Test("It is iterated as it is asked, and no further")
    func lazily() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 0, high: 0), weight: { _ in 1 }, scheduler: clock)
        var iterated = 0
        let sequence = (0...).lazy.map { number in
            iterated += 1
            return number
        }
        try SequenceSource(sequence, scheduler: clock).attach(to: buffer)
        #expect(iterated == 1)
        #expect(buffer.take() == 0)
        #expect(iterated == 2)
    }

    @Test("Sources written into one consumer one after another", arguments: [EndPolicy.leaveOpen, .finish])
    func concatenation(last: EndPolicy) throws {
        let sink = collector()
        var results: [FlowResult] = []
        try SequenceSource([1, 2], scheduler: clock).attach(to: sink, atEnd: .leaveOpen, done: { results.append($0) })
        try SequenceSource([], scheduler: clock).attach(to: sink, atEnd: .leaveOpen, done: { results.append($0) })
        try SequenceSource([3], scheduler: clock).attach(to: sink, atEnd: last, done: { results.append($0) })
        clock.settle()
        #expect(sink.elements == [1, 2, 3])
        #expect(results.map(\.summary.elements) == [2, 0, 1])
        #expect(results.map(\.isComplete) == [true, true, true])
        #expect(sink.end?.code == (last == .finish ? .finished : nil))
    }

    @Test("A source serves one consumer, once")
    func once() throws {
        let buffer = Buffer<Int>(marks: Watermarks(low: 0, high: 0), weight: { _ in 1 }, scheduler: clock)
        let source = SequenceSource([1, 2], scheduler: clock)
        let taken = collector()
        try taken.registerProducer(StrictProducer())
        // Refused by the consumer, nothing has changed and it can be attached elsewhere.
        #expect(throws: RegistrationError.alreadyRegistered) { try source.attach(to: taken) }
        try source.attach(to: buffer)
        #expect(throws: RegistrationError.alreadyAttached) { try source.attach(to: collector()) }
        while buffer.take() != nil {}
        #expect(throws: RegistrationError.sourceEnded) { try source.attach(to: collector()) }
    }

    @Test("C1.3: attached to an ended consumer it is stopped, and whoever asked is told")
    func endedConsumer() throws {
        let sink = collector()
        sink.abort(.cancelled)
        var results: [EndReason.Code] = []
        try SequenceSource([1], scheduler: clock).attach(
            to: sink,
            atEnd: .finish,
            done: { results.append($0.end.code) }
        )
        #expect(results == [.cancelled])
    }

    @Test("A consumer that had finished in order cut the source short all the same")
    func finishedConsumer() throws {
        let sink = collector()
        sink.finish()
        var results: [FlowResult] = []
        try SequenceSource([1], scheduler: clock).attach(to: sink, atEnd: .finish, done: { results.append($0) })
        #expect(results.map(\.end.code) == [.consumerEnded])
        #expect(results.first?.isComplete == false)
    }
}
