import Penstock
import PenstockTesting
import Testing

@Suite("Lines out of bytes")
struct LineFramerTests {
    typealias Bytes = ArraySlice<UInt8>
    let clock = VirtualClock()

    func framer(maximumLength: Int = 20) -> LineFramer<Bytes> {
        LineFramer(maximumLength: maximumLength, marks: Watermarks(low: 10, high: 20), scheduler: clock)
    }

    func bytes(_ text: String) -> Bytes { Array(text.utf8)[...] }

    func text(_ line: Line<Bytes>) -> String { String(decoding: line.bytes, as: UTF8.self) }

    /// A sink that answers each line to a closure.
    func sink(_ onLine: @escaping (String) -> Void) -> NullConsumer<Line<Bytes>> {
        let sink = NullConsumer<Line<Bytes>>(scheduler: clock)
        sink.onElement = { onLine(text($0)) }
        return sink
    }

    @Test("Lines end with LF or CR LF, wherever the chunks are cut", arguments: 1...12)
    func cuts(size: Int) throws {
        let input = "one\r\n\ntwo\n\r\nthr\ree\r\nlast"
        var lines: [String] = []
        let framer = framer()
        let sink = sink { lines.append($0) }
        try framer.attach(to: sink)
        var rest = bytes(input)
        while !rest.isEmpty { framer.write(rest.removePrefix(min(size, rest.count))) }
        #expect(lines == ["one", "", "two", "", "thr\ree"])
        framer.finish()
        #expect(lines.last == "last")
        #expect(lines.count == 6)
        #expect(sink.end?.code == .finished)
        #expect(framer.snapshot.level == 0)
    }

    @Test("C3.4: an empty line is an element, to a collector, a buffer and a stage that know no weight but its own")
    func emptyLines() throws {
        let lines = bytes("a\n\n\r\nb\n\n")
        let expected = ["a", "", "", "b", ""]

        let collector = Collector<Line<Bytes>>(cap: 1_000, scheduler: clock)
        let first = framer()
        try first.attach(to: collector)
        first.write(lines)
        #expect(collector.elements.map(text) == expected)
        #expect(collector.snapshot.delivery.accepted.elements == 5)
        #expect(first.snapshot.level == 0)

        let buffer = Buffer<Line<Bytes>>(marks: .bytes, scheduler: clock)
        let second = framer()
        try second.attach(to: buffer)
        second.write(lines)
        #expect(buffer.count == 5)
        #expect(expected.allSatisfy { buffer.take().map(text) == $0 })
        #expect(buffer.snapshot.level == 0)

        let map = Map<Line<Bytes>, String>(marks: .bytes, scheduler: clock) { [self] in text($0) }
        let words = Collector<String>(cap: 1_000, weight: { $0.utf8.count + 1 }, scheduler: clock)
        try map.attach(to: words)
        let third = framer()
        try third.attach(to: map)
        third.write(lines)
        #expect(words.elements == expected)
    }

    @Test("C3.3: nothing but an empty line answers a question that is passed back through the framer")
    func emptyLineAnswers() throws {
        let framer = framer()
        let sink = NullConsumer<Line<Bytes>>(scheduler: clock)
        try framer.attach(to: sink)
        let puller = ScriptedPuller()
        puller.onAsk = { if $0 <= 100 { framer.write([0x0A]) } else { framer.unregisterProducer() } }
        try framer.registerProducer(puller)
        clock.settle()
        #expect(sink.total.elements == 100)
        #expect(clock.isIdle)
    }

    @Test("B49, C8.1: paused inside a line, later lines of the same chunk wait, and come in order after the resume")
    func pausedInsideLine() throws {
        var lines: [String] = []
        let framer = framer()
        let sink = sink { lines.append($0) }
        sink.onElement = { line in
            lines.append(text(line))
            if lines.count == 2 { sink.hold() }
        }
        try framer.attach(to: sink)
        let producer = StrictProducer()
        try framer.registerProducer(producer)
        framer.write(bytes("a\nb\nc\nd\n"))
        clock.settle()
        #expect(lines == ["a", "b"])
        #expect(producer.signals == [.pause])
        framer.write(bytes("e\n"))
        #expect(lines == ["a", "b"])
        sink.release()
        clock.settle()
        #expect(lines == ["a", "b", "c", "d", "e"])
        #expect(producer.signals == [.pause, .resume])
        #expect(framer.snapshot.level == 0)
    }

    @Test("B49: a write from inside a delivery does not overtake")
    func writeInsideDelivery() throws {
        var lines: [String] = []
        let framer = framer()
        let sink = sink { line in
            lines.append(line)
            if line == "a" { framer.write(bytes("c\n")) }
        }
        try framer.attach(to: sink)
        framer.write(bytes("a\nb\n"))
        #expect(lines == ["a", "b", "c"])
        #expect(framer.snapshot.level == 0)
    }

    @Test("B50, C8.1: stopped inside a line, it delivers nothing more and stops its producer")
    func stoppedInsideLine() throws {
        var lines: [String] = []
        let framer = framer()
        let sink = sink { _ in }
        sink.onElement = { line in
            lines.append(text(line))
            sink.abort(.cancelled)
        }
        try framer.attach(to: sink)
        let producer = StrictProducer()
        try framer.registerProducer(producer)
        framer.write(bytes("a\nb\nc\n"))
        clock.settle()
        #expect(lines == ["a"])
        #expect(producer.signals == [.stop])
        #expect(framer.write(bytes("d\n")) == .closed)
        #expect(framer.snapshot.level == 0)
    }

    @Test("C8.2: chunks without the end of a line neither stall nor spin")
    func unfinishedLine() throws {
        var lines: [String] = []
        let framer = framer(maximumLength: 200)
        let sink = sink { lines.append($0) }
        try framer.attach(to: sink)
        let puller = ScriptedPuller()
        puller.onAsk = { number in
            framer.write(bytes(number % 100 == 0 ? "\n" : "x"))
            if number == 300 { framer.unregisterProducer() }
        }
        try framer.registerProducer(puller)
        clock.settle()
        #expect(puller.questions == 300)
        #expect(lines.map(\.count) == [99, 99, 99])
        #expect(clock.isIdle)
    }

    @Test("C8.2: what one chunk holds is all that is held beyond the marks")
    func bounded() throws {
        let framer = framer()
        let buffer = Buffer<Line<Bytes>>(marks: Watermarks(low: 0, high: 0), scheduler: clock)
        try framer.attach(to: buffer)
        let producer = StrictProducer()
        try framer.registerProducer(producer)
        let chunk = bytes(String(repeating: "line\n", count: 100))
        var written = 0
        while producer.state == .running, written < 10 {
            framer.write(chunk)
            written += 1
        }
        #expect(written == 1)
        #expect(framer.snapshot.peak <= chunk.count + entryOverhead)
        var lines = 0
        while buffer.take() != nil { lines += 1 }
        clock.settle()
        while buffer.take() != nil { lines += 1 }
        #expect(lines == 100)
        #expect(producer.state == .running)
        #expect(producer.violations == [])
    }

    @Test("C8.3: a line that is too long stops upstream and fails downstream, after all lines before it")
    func tooLong() throws {
        for chunks in [["ok\nfour!\n"], ["ok\nfour", "!", "!"]] {
            let framer = framer(maximumLength: 4)
            let sink = Collector<Line<Bytes>>(cap: 1_000, scheduler: clock)
            try framer.attach(to: sink)
            let producer = StrictProducer()
            try framer.registerProducer(producer)
            for chunk in chunks { framer.write(bytes(chunk)) }
            #expect(sink.elements.map(text) == ["ok"])
            #expect(sink.end?.error as? LineTooLong == LineTooLong(maximumLength: 4))
            #expect(producer.signals == [.stop])
            #expect(producer.stopReason?.error is LineTooLong)
            #expect(framer.snapshot.delivery.dropped.elements == 1)
        }
    }

    @Test("C8.3: a line of exactly the maximum passes, with either end and with none", arguments: ["\n", "\r\n", ""])
    func justFits(end: String) throws {
        let framer = framer(maximumLength: 4)
        let sink = Collector<Line<Bytes>>(cap: 1_000, scheduler: clock)
        try framer.attach(to: sink)
        for byte in "four\(end)".utf8 { framer.write([byte]) }
        framer.finish()
        #expect(sink.elements.map(text) == ["four"])
        #expect(sink.end?.code == .finished)
    }

    @Test("C6.6, C8.5: a stream that failed in the middle of a line drops that line, and counts it")
    func failsInsideLine() throws {
        let framer = framer()
        let sink = Collector<Line<Bytes>>(cap: 1_000, scheduler: clock)
        try framer.attach(to: sink)
        framer.write(bytes("whole\npart"))
        framer.fail(TestFailure())
        #expect(sink.elements.map(text) == ["whole"])
        #expect(sink.end?.error as? TestFailure == TestFailure())
        #expect(framer.snapshot.delivery.dropped.elements == 1)
    }

    @Test("C8.3: the end waits for a consumer that is paused, and the last line goes before it")
    func endWhilePaused() throws {
        let framer = framer()
        let sink = Collector<Line<Bytes>>(cap: 1_000, scheduler: clock)
        try framer.attach(to: sink)
        sink.hold()
        framer.write(bytes("a\nb"))
        framer.finish()
        clock.settle()
        #expect(sink.elements.isEmpty && sink.end == nil)
        sink.release()
        #expect(sink.elements.map(text) == ["a", "b"])
        #expect(sink.end?.code == .finished)
    }

    @Test("A line as long as the marks arrives: waiting for its rest does not stop the producer that brings it")
    func noDeadlock() throws {
        let framer = framer(maximumLength: 500)
        let sink = Collector<Line<Bytes>>(cap: 10_000, scheduler: clock)
        try framer.attach(to: sink)
        let producer = StrictProducer()
        try framer.registerProducer(producer)
        for _ in 0..<500 { framer.write([65]) }
        #expect(producer.signals == [])
        framer.write([10])
        #expect(sink.elements.map(\.bytes.count) == [500])
    }

    @Test("C3.5: several chunks written as one count as several")
    func severalChunks() throws {
        let framer = framer()
        let sink = Collector<Line<Bytes>>(cap: 1_000, scheduler: clock)
        try framer.attach(to: sink)
        framer.write(contentsOf: [bytes("a"), bytes(""), bytes("b\nc"), bytes("\n")])
        #expect(sink.elements.map(text) == ["ab", "c"])
        #expect(framer.snapshot.delivery.accepted.elements == 3)
        framer.abort(.aborted)
        framer.write(contentsOf: [bytes("d"), bytes("e")])
        #expect(framer.snapshot.delivery.refused.elements == 2)
    }
}
