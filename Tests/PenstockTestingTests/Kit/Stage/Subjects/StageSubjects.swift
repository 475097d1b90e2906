import Penstock
import PenstockTesting

extension StageSubject {
    /// Every stage of the package; a new one needs one line here.
    static let all: [StageSubject] = [
        StageSubject { .map },
        StageSubject { .pushFromPull },
        StageSubject { .crossing },
        StageSubject { .lineFramer },
    ]
}

private let marks = Watermarks(low: 1, high: 3)
private let numbers = Array(1...12)

extension StageUnderTest<Int, Int> {
    static var map: Self {
        Self("Map") {
            let clock = VirtualClock()
            let failure = PlainFailure()
            let stage = Map<Int, Int>(marks: marks, weight: { _ in 1 }, scheduler: clock) { number in
                guard number > 0 else { throw failure }
                return 2 * number
            }
            let outputs = numbers.map { 2 * $0 }
            var fixture = StageFixture(stage, inputs: numbers, outputs: outputs, clock: TrialClock(clock))
            fixture.failing = 0
            fixture.isFailure = { $0 as? PlainFailure === failure }
            return fixture
        }
    }

    static var pushFromPull: Self {
        Self("PushFromPull") {
            let clock = VirtualClock()
            let stage = PushFromPull<Int>(marks: marks, weight: { _ in 1 }, scheduler: clock)
            return StageFixture(stage, inputs: numbers, outputs: numbers, clock: TrialClock(clock))
        }
    }
}

extension StageUnderTest<Int, Int> {
    /// Both ends of a crossing, each in its domain.
    static var crossing: Self {
        Self("CrossingConsumer") {
            let (near, far) = (VirtualClock(), VirtualClock())
            let ends = try CrossingEnds(marks: marks, near: near, far: far)
            var fixture = StageFixture(ends, inputs: numbers, outputs: numbers, clock: TrialClock(far, beside: near))
            fixture.crossesDomains = true
            return fixture
        }
    }
}

extension StageUnderTest<ArraySlice<UInt8>, Line<ArraySlice<UInt8>>> {
    static var lineFramer: Self {
        Self("LineFramer") {
            let clock = VirtualClock()
            let lines = numbers.map { ArraySlice("line \($0)".utf8) }
            let text = Array(lines.joined(separator: [0x0A]))
            // Cut where no line ends: some chunks complete no line, some several.
            let chunks = stride(from: 0, to: text.count, by: 9).map { text[$0..<Swift.min($0 + 9, text.count)] }
            let marks = Watermarks(low: 8, high: 16)
            let stage = LineFramer<ArraySlice<UInt8>>(maximumLength: 2_000, marks: marks, scheduler: clock)
            var fixture = StageFixture(stage, inputs: chunks, outputs: lines.map { Line($0) }, clock: TrialClock(clock))
            fixture.outputsBeforeError = lines.dropLast().map { Line($0) }
            fixture.weight = { $0.weight }
            fixture.outputWeight = { $0.weight }
            fixture.keeps = 2_000 + 1 + entryOverhead
            fixture.describe = { String(decoding: $0, as: UTF8.self).replacing("\n", with: "/") }
            fixture.describeOutput = { String(decoding: $0.bytes, as: UTF8.self) }
            fixture.barren = ArraySlice("no line ".utf8)
            fixture.rich = .init(
                input: ArraySlice((1...8).map { "row \($0)\n" }.joined().utf8),
                outputs: (1...8).map { Line(ArraySlice("row \($0)".utf8)) }
            )
            fixture.failing = ArraySlice(repeating: 0x61, count: 2_010)
            fixture.isFailure = { $0 as? LineTooLong == LineTooLong(maximumLength: 2_000) }
            return fixture
        }
    }
}
