import Penstock
import PenstockTesting
import Testing

@Suite("A buffer that is called from inside its own calls")
struct BufferReentrancyTests {
    let clock = VirtualClock()

    /// Calls back when the last reference to it goes.
    private final class Leaving {
        let onLeave: () -> Void
        init(_ onLeave: @escaping () -> Void) { self.onLeave = onLeave }
        deinit { onLeave() }
    }

    @Test("C4.4: an element that is dropped may take, write and look when it goes")
    func droppedElementCallsBack() {
        let buffer = Buffer<Leaving>(
            marks: Watermarks(low: 1, high: 100),
            weight: { _ in 1 },
            scheduler: clock
        )
        var seen: [String] = []
        for number in 1...3 {
            buffer.write(
                Leaving { [unowned buffer] in
                    let taken = buffer.take() == nil ? "nothing" : "something"
                    let outcome = buffer.write(Leaving {})
                    seen.append("\(number): \(buffer.count) \(buffer.isEmpty) \(taken) \(outcome)")
                }
            )
        }
        buffer.abort(.aborted)
        #expect(seen == (1...3).map { "\($0): 0 true nothing closed" })
        #expect(buffer.gate.flow.delivery.dropped.elements == 3)
    }

    @Test("C3.5: a sequence that takes from the buffer it is written to takes what it has brought")
    func sequenceTakes() {
        let buffer = Buffer<Int>(marks: Watermarks(low: 1, high: 100), weight: { _ in 1 }, scheduler: clock)
        buffer.write(
            contentsOf: (1...3).lazy.map { number in
                _ = buffer.take()
                return number
            }
        )
        #expect(buffer.gate.flow.level == buffer.count)
        var rest: [Int] = []
        while let element = buffer.take() { rest.append(element) }
        #expect(rest == [3])
        #expect(buffer.gate.flow.level == 0)
    }

    @Test("C3.7, C6.5: a sequence that aborts, finishes or writes", arguments: ["abort", "finish", "write"])
    func sequenceEnds(what: String) {
        let buffer = Buffer<Int>(marks: Watermarks(low: 1, high: 100), weight: { _ in 1 }, scheduler: clock)
        let outcome = buffer.write(
            contentsOf: (1...3).lazy.map { number in
                if number == 2 {
                    switch what {
                    case "abort": buffer.abort(.aborted)
                    case "finish": buffer.finish()
                    default: buffer.write(10)
                    }
                }
                return number
            }
        )
        var rest: [Int] = []
        while let element = buffer.take() { rest.append(element) }
        _ = clock.settle()
        #expect(buffer.gate.flow.level == 0)
        let delivery = buffer.gate.flow.delivery
        #expect(delivery.accepted.elements == delivery.dropped.elements + rest.count)
        print(what, outcome, rest, delivery)
    }
}

@Suite("A framer that is ended from inside a delivery")
struct LineFramerHandTests {
    let clock = VirtualClock()

    @Test("C6.5, C3.1: a line that was handed on has come out, and only the rest is dropped", arguments: ["", "rest"])
    func abortedInside(rest: String) throws {
        let framer = LineFramer<ArraySlice<UInt8>>(maximumLength: 100, scheduler: clock)
        let null = NullConsumer<Line<ArraySlice<UInt8>>>(scheduler: clock)
        null.onElement = { _ in framer.abort(.aborted) }
        try framer.attach(to: null)
        framer.write(ArraySlice("line\n\(rest)".utf8))
        let delivery = framer.gate.flow.delivery
        #expect(delivery.dropped.weight == (rest.isEmpty ? 0 : rest.utf8.count + entryOverhead))
        #expect(delivery.dropped.elements == (rest.isEmpty ? 0 : 1))
        #expect(framer.gate.flow.level == 0)
    }
}
