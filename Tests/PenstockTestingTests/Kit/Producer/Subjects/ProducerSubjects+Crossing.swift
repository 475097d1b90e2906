import Penstock
import PenstockTesting

private let marks = Watermarks(low: 1, high: 3)
private let numbers = Array(1...12)

/// What comes out of a crossing, with its producer in a domain of its own.
extension ProducerUnderTest<Int> {
    static func crossing(over kind: Kind) -> Self {
        var subject = Self("CrossingSource, over a \(kind) producer", kind: .push) { try crossing(kind, failure: nil) }
        subject.skid = CrossingSource<Int>.skid
        subject.makeFailing = { try crossing(kind, failure: PlainFailure()) }
        return subject
    }

    private static func crossing(_ kind: Kind, failure: PlainFailure?) throws -> ProducerFixture<Int> {
        let (near, far) = (VirtualClock(), VirtualClock())
        let crossing = Crossing<Int>(marks: marks, weight: { _ in 1 })
        let consumer = try crossing.consumer(on: near)
        let source = try crossing.source(on: far)
        try PlainProducer(kind, count: 12, failure: failure, mutation: nil, scheduler: near)
            .attach(to: consumer, atEnd: .finish, done: { _ in })
        var fixture = ProducerFixture(source, expected: numbers, clock: TrialClock(far, beside: near))
        fixture.held = { consumer.snapshot.level }
        fixture.heldAtMost = marks.high + 1
        fixture.isFailure = { $0 as? PlainFailure === failure }
        return fixture
    }

    static var sourceHandle: Self {
        Self("SourceHandle, with a bounded turn", kind: .push) {
            let (near, far) = (VirtualClock(), VirtualClock())
            far.turn.weightPerTurn = 2
            far.turn.leastShare = 2
            let source = SequenceSource(numbers, scheduler: near)
            let handle = try SourceHandle(source, marks: marks, weight: { _ in 1 }, on: near)
            near.settle()
            var fixture = ProducerFixture(
                try handle.source(on: far),
                expected: numbers,
                clock: TrialClock(far, beside: near)
            )
            fixture.elementsPerTurn = 3
            return fixture
        }
    }
}
