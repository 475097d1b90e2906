import Penstock
import PenstockTesting
import Testing

@Suite("The producing side of a source")
struct OutletTests {
    let clock = VirtualClock()

    func collector() -> Collector<Int> { Collector(cap: 1_000, weight: { _ in 1 }, scheduler: clock) }

    /// A source that produces when the test says so.
    final class Source: PushProducer, PullProducer {
        let outlet: Outlet<Int>

        init(_ clock: VirtualClock) { outlet = Outlet(scheduler: clock) }

        func attach(
            pulling: Bool = false,
            to consumer: any Consumer<Int>,
            atEnd: EndPolicy = .finish,
            done: @escaping (FlowResult) -> Void = { _ in }
        ) throws {
            if pulling {
                try outlet.attach(self as any PullProducer, to: consumer, atEnd: atEnd, done: done)
            } else {
                try outlet.attach(self as any PushProducer, to: consumer, atEnd: atEnd, done: done)
            }
        }

        func pauseProducing() { outlet.paused() }

        func resumeProducing() { outlet.resumed() }

        func stopProducing(_ reason: EndReason) { outlet.stopped(reason) }
    }

    @Test("C6.8: the element whose write ended the flow counts if it was taken, and not if it was refused")
    func endsInsideItsWrite() throws {
        for isRefused in [true, false] {
            let sink = NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
            let full = Collector<Int>(cap: 2, weight: { _ in 1 }, scheduler: clock)
            sink.onElement = { if $0 == 3 { sink.abort(.aborted) } }
            let source = Source(clock)
            var summaries: [FlowSummary] = []
            let done = { (result: FlowResult) in summaries.append(result.summary) }
            if isRefused { try source.attach(to: full, done: done) } else { try source.attach(to: sink, done: done) }
            for number in 1...3 { source.outlet.write(number) }
            #expect(summaries.map(\.elements) == [isRefused ? 2 : 3])
            #expect(summaries.map(\.weight) == [isRefused ? 2 : 3])
        }
    }

    @Test("C2.1: at its end it unregisters itself and never a successor", arguments: [true, false], [true, false])
    func successor(pulling: Bool, fails: Bool) throws {
        for isReplaced in [true, false] {
            let sink = collector()
            let source = Source(clock)
            var results: [FlowResult] = []
            try source.attach(pulling: pulling, to: sink, atEnd: .leaveOpen, done: { results.append($0) })
            let successor = StrictProducer()
            if isReplaced {
                sink.unregisterProducer()
                try sink.registerProducer(successor)
            }
            if fails { source.outlet.fail(TestFailure()) } else { source.outlet.finish() }
            #expect(results.map(\.isComplete) == [!fails])
            #expect(sink.snapshot.kind == (isReplaced ? .push : .none))
            #expect(!source.outlet.isAttached)
            sink.hold()
            #expect(successor.signals == (isReplaced ? [.pause] : []))
            #expect(successor.violations == [])
        }
    }

    @Test("C6.8: a successor does not keep the source from finishing the consumer as agreed; the stream waits for it")
    func finishesWithSuccessor() throws {
        let sink = collector()
        let source = Source(clock)
        try source.attach(to: sink)
        sink.unregisterProducer()
        let successor = StrictProducer()
        try sink.registerProducer(successor)
        source.outlet.finish()
        #expect(sink.snapshot.phase == .finishing)
        sink.write(1)
        sink.unregisterProducer()
        #expect(sink.elements == [1])
        #expect(sink.end?.code == .finished)
    }

    @Test("C1.9: the consumer keeps the source while it is registered, and no longer", arguments: [true, false])
    func kept(pulling: Bool) throws {
        let sink = collector()
        weak var source: Source?
        do {
            let new = Source(clock)
            source = new
            try new.attach(pulling: pulling, to: sink)
        }
        #expect(source != nil)
        source?.outlet.finish()
        #expect(source == nil)
    }

    @Test("C6.6: an end goes on as it came, with the original error; whoever asked for the flow gets its words, too")
    func ends() throws {
        let failure = EndReason(.failed, error: TestFailure(), detail: "the disk")
        for (reason, code) in [
            (EndReason.finished, EndReason.Code.finished), (failure, .failed), (EndReason(.lost), .lost),
            (EndReason(.failed), .failed),
        ] {
            let sink = collector()
            let source = Source(clock)
            var results: [EndReason] = []
            try source.attach(to: sink, done: { results.append($0.end) })
            source.outlet.end(reason)
            source.outlet.end(.aborted)
            clock.settle()
            #expect(sink.end?.code == code)
            #expect(sink.end?.error as? TestFailure == reason.error as? TestFailure)
            #expect(results.map(\.code) == [code])
            #expect(results.first?.detail == reason.detail)
            #expect(source.outlet.end?.code == code)
        }
    }

    @Test("C6.8: the time of all pauses together counts, the one that the end cuts short too")
    func timePaused() throws {
        let sink = collector()
        let source = Source(clock)
        var summary: FlowSummary?
        try source.attach(to: sink, done: { summary = $0.summary })
        for _ in 0..<2 {
            clock.advance(by: .seconds(100))
            sink.hold()
            clock.advance(by: .seconds(2))
            sink.release()
        }
        sink.hold()
        clock.advance(by: .seconds(5))
        source.outlet.finish()
        #expect(summary?.pauses == 3)
        #expect(summary?.timePaused == .seconds(9))
        #expect(summary?.duration == .seconds(209))
    }
}
