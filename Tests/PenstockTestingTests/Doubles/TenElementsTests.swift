import Penstock
import PenstockTesting
import Testing

@Suite("A pull source of ten elements")
struct TenElementsTests {
    let clock = VirtualClock()
    let recorder = Recorder()

    func buffer(_ marks: Watermarks) -> Buffer<Int> {
        Buffer<Int>(marks: marks, weight: { _ in 1 }, scheduler: clock)
    }

    @Test("It answers each question with the next element, and unregisters with the tenth", arguments: [2, 10, 100])
    func ten(low: Int) throws {
        let buffer = buffer(Watermarks(low: low, high: 200))
        var result: FlowResult?
        try TenElements(scheduler: clock).attach(to: buffer, atEnd: .leaveOpen) { result = $0 }
        var taken: [Int] = []
        for _ in 0..<20 {
            clock.settle()
            if let element = buffer.take() { taken.append(element) }
        }
        #expect(taken == Array(1...10))
        #expect(result?.isComplete == true)
        #expect(result?.summary.elements == 10)
        #expect(buffer.snapshot.kind == .none)
        #expect(buffer.end == nil)
        #expect(buffer.gate.flow.peak <= low + 1)
    }

    @Test("C5.3 Told to answer later it owes its answer for a turn, and starts no second one")
    func later() throws {
        let buffer = buffer(Watermarks(low: 5, high: 10))
        let source = TenElements(answering: .onLaterTurn, scheduler: clock)
        try source.attach(to: RecordingConsumer(buffer, recorder: recorder))
        source.resumeProducing()
        #expect(source.written == 0)
        clock.runTurn()
        #expect(source.written == 1)
        clock.runTurn()
        try recorder.check("register pull > ask > write 1 > ask > write 2 > ask")
        while source.end == nil {
            clock.runTurn()
            _ = buffer.take()
        }
        #expect(Array(recorder.calls.suffix(4)) == ["write 10", "ask", "unregister", "finish"])
    }

    @Test("It makes what it is told to, and is stopped with its consumer")
    func stopped() throws {
        let collector = Collector<String>(cap: 3, weight: { _ in 1 }, scheduler: clock)
        var result: FlowResult?
        let source = TenElements(scheduler: clock) { "line \($0)" }
        try source.attach(to: collector) { result = $0 }
        clock.settle()
        #expect(collector.elements == ["line 1", "line 2", "line 3"])
        #expect(result?.end.code == .overflow)
        #expect(source.end?.code == .overflow)
        #expect(source.written == 4)
    }
}
