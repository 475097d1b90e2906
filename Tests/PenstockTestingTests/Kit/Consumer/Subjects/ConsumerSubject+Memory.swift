import Penstock
import PenstockTesting

/// The consumers of numbers: each has its weight in its lower digits.
extension ConsumerSubject {
    private static func element(weight: Int, number: Int) -> Int { number * 1_000_000 + weight }
    private static func weight(of element: Int) -> Int { element % 1_000_000 }
    private static func content(_ element: Int) -> [Int] { [element] }

    private static func buffer(_ marks: Watermarks, _ clock: VirtualClock) -> Buffer<Int> {
        Buffer<Int>(marks: marks, weight: { weight(of: $0) }, scheduler: clock)
    }

    /// Takes whole elements until this weight has gone, or all.
    private static func take<Element>(
        _ wanted: Int?,
        from buffer: Buffer<Element>,
        to output: Output<Element>,
        weight: (Element) -> Int
    ) -> Int {
        var taken = 0
        for _ in 0..<buffer.count {
            guard taken < wanted ?? .max, let next = buffer.peek() else { break }
            guard weight(next) <= (wanted ?? .max) - taken else { break }
            taken += weight(next)
            output.elements.append(next)
            _ = buffer.take()
        }
        return taken
    }

    static func numberBuffer(_ marks: Watermarks) -> ConsumerUnderTest<Int> {
        let clock = VirtualClock()
        let buffer = buffer(marks, clock)
        let output = Output<Int>()
        let bench = TestBench(buffer, clock: clock, element: { $0 }) { wanted in
            take(wanted, from: buffer, to: output, weight: weight)
        }
        return ConsumerUnderTest(bench, element: element, content: content, output: { output.elements })
    }

    static func recording(_ marks: Watermarks) -> ConsumerUnderTest<Int> {
        var subject = numberBuffer(marks)
        subject.consumer = RecordingConsumer(subject.consumer)
        return subject
    }

    static func collector(_ marks: Watermarks) -> ConsumerUnderTest<Int> {
        let clock = VirtualClock()
        let collector = Collector<Int>(cap: 1 << 40, weight: weight, scheduler: clock)
        return ConsumerUnderTest(
            collector,
            clock: TrialClock(clock),
            element: element,
            content: content,
            output: { collector.elements },
            draining: .never
        )
    }

    static func nullConsumer(_ marks: Watermarks) -> ConsumerUnderTest<Int> {
        let clock = VirtualClock()
        let consumer = NullConsumer<Int>(weight: weight, scheduler: clock)
        let output = Output<Int>()
        consumer.onElement = { output.elements.append($0) }
        return ConsumerUnderTest(
            consumer,
            clock: TrialClock(clock),
            element: element,
            content: content,
            output: { output.elements },
            draining: .never
        )
    }

    static func scripted(_ marks: Watermarks) -> ConsumerUnderTest<Int> {
        let clock = VirtualClock()
        let consumer = ScriptedConsumer<Int>([], scheduler: clock)
        return ConsumerUnderTest(
            consumer,
            clock: TrialClock(clock),
            element: element,
            content: content,
            output: { consumer.elements },
            draining: .never
        )
    }

    static func duplex(_ marks: Watermarks, isLeft: Bool) throws -> ConsumerUnderTest<Int> {
        let clock = VirtualClock()
        let pair = Duplex<Int>.pair(marks: marks, weight: weight, scheduler: clock)
        let (near, far) = isLeft ? (pair.left, pair.right) : (pair.right, pair.left)
        let tap = Tap(scheduler: clock)
        try far.attach(to: tap)
        var subject = ConsumerUnderTest<Int>(
            near,
            clock: TrialClock(clock),
            element: element,
            content: content,
            output: { tap.elements },
            draining: .exact { wanted in
                var taken = 0
                while taken < wanted {
                    let before = tap.elements.count
                    tap.takeOne()
                    // Two turns: one on which the tap is open, one on which the element crosses.
                    clock.runTurn()
                    if tap.elements.count == before { clock.runTurn() }
                    guard tap.elements.count > before else { break }
                    taken += tap.elements[before...].map(weight).reduce(0, +)
                }
                return taken
            }
        )
        subject.lose = {
            far.abort(.aborted)
            clock.settle()
        }
        subject.finishWithin = { near.finish(within: $0) }
        return subject
    }

    static func map(_ marks: Watermarks) throws -> ConsumerUnderTest<Int> {
        let clock = VirtualClock()
        return try stage(
            Map<Int, Int>(marks: marks, weight: weight, scheduler: clock, transform: { $0 }),
            buffer(marks, clock),
            clock
        )
    }

    static func pushFromPull(_ marks: Watermarks) throws -> ConsumerUnderTest<Int> {
        let clock = VirtualClock()
        return try stage(
            PushFromPull<Int>(marks: marks, weight: weight, scheduler: clock),
            buffer(marks, clock),
            clock
        )
    }

    /// A stage in front of a buffer, which is what fills and is emptied.
    private static func stage(
        _ stage: any Stage<Int, Int>,
        _ buffer: Buffer<Int>,
        _ clock: VirtualClock
    ) throws -> ConsumerUnderTest<Int> {
        try stage.attach(to: buffer)
        let output = Output<Int>()
        return ConsumerUnderTest(
            stage,
            clock: TrialClock(clock),
            element: element,
            content: content,
            output: { output.elements },
            draining: .everything {
                repeat {
                    _ = take(nil, from: buffer, to: output, weight: weight)
                } while clock.runTurn() || !buffer.isEmpty
            }
        )
    }

    // MARK: Bytes

    private static func bytes(weight: Int, number: Int, overhead: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(number % 251), count: weight - overhead)
    }

    static func byteBuffer(_ marks: Watermarks) -> ConsumerUnderTest<[UInt8]> {
        let clock = VirtualClock()
        let buffer = Buffer<[UInt8]>(marks: marks, scheduler: clock)
        let output = Output<[UInt8]>()
        var bench = TestBench(buffer, clock: clock, element: { bytes(weight: $0, number: 0, overhead: entryOverhead) })
        {
            take($0, from: buffer, to: output, weight: \.weight)
        }
        bench.empty = { [] }
        // Whole elements come out, so two numbers tell one.
        var subject = ConsumerUnderTest(
            bench,
            element: { bytes(weight: $0, number: $1, overhead: entryOverhead) },
            content: { [$0.count, $0.first.map(Int.init) ?? -1] },
            output: { output.elements.flatMap { [$0.count, $0.first.map(Int.init) ?? -1] } }
        )
        subject.leastWeight = entryOverhead + 1
        return subject
    }

    static func transport(_ marks: Watermarks, isConnected: Bool) -> ConsumerUnderTest<[UInt8]> {
        let clock = VirtualClock()
        let transport = TestTransport(
            TestTransport.Configuration(marks: marks, overhead: 0),
            isConnected: isConnected,
            kernel: ScriptedKernel(space: 0),
            scheduler: clock
        )
        var subject = ConsumerUnderTest(
            TestBench(transport, clock: clock),
            element: { bytes(weight: $0, number: $1, overhead: 0) },
            content: { $0.map(Int.init) },
            output: { transport.sent.map(Int.init) }
        )
        if !isConnected { subject.connect = { transport.connect() } }
        subject.finishWithin = { transport.finish(within: $0) }
        return subject
    }

    static func lineFramer(_ marks: Watermarks) throws -> ConsumerUnderTest<ArraySlice<UInt8>> {
        let clock = VirtualClock()
        let framer = LineFramer<ArraySlice<UInt8>>(maximumLength: 100_000, marks: marks, scheduler: clock)
        let buffer = Buffer<Line<ArraySlice<UInt8>>>(marks: marks, scheduler: clock)
        try framer.attach(to: buffer)
        let output = Output<Line<ArraySlice<UInt8>>>()
        var subject = ConsumerUnderTest<ArraySlice<UInt8>>(
            framer,
            clock: TrialClock(clock),
            element: { weight, number in
                let line = bytes(weight: weight, number: number, overhead: entryOverhead + 1)
                return line.map { $0 == 10 || $0 == 13 ? 252 : $0 } + [10]
            },
            content: { [$0.count - 1, $0.first.map(Int.init) ?? -1] },
            output: { output.elements.flatMap { [$0.bytes.count, $0.bytes.first.map(Int.init) ?? -1] } },
            draining: .everything {
                repeat {
                    _ = take(nil, from: buffer, to: output, weight: \.weight)
                } while clock.runTurn() || !buffer.isEmpty
            }
        )
        subject.leastWeight = entryOverhead + 2
        subject.keepsElements = false
        subject.empty = { [] }
        return subject
    }
}
