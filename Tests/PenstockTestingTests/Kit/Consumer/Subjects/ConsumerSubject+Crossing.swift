import Penstock
import PenstockTesting

extension ConsumerSubject {
    /// The near end of a crossing, in front of a consumer in a domain of its own.
    static func crossing(_ marks: Watermarks) throws -> ConsumerUnderTest<Int> {
        let weight: @Sendable (Int) -> Int = { $0 % 1_000_000 }
        let (near, far) = (VirtualClock(), VirtualClock())
        let crossing = Crossing<Int>(marks: marks, weight: weight)
        let tap = Tap(scheduler: far)
        try crossing.source(on: far).attach(to: tap)
        let consumer = try crossing.consumer(on: near)
        let clock = TrialClock(near, beside: far)
        var subject = ConsumerUnderTest<Int>(
            consumer,
            clock: clock,
            element: { $1 * 1_000_000 + $0 },
            content: { [$0] },
            output: { tap.elements },
            draining: .exact { wanted in
                var taken = 0
                while taken < wanted {
                    let before = tap.elements.count
                    tap.takeOne()
                    // Two turns there: one on which the tap is open, one on which the element crosses. One here, for the credit.
                    far.runTurn()
                    if tap.elements.count == before { far.runTurn() }
                    near.runTurn()
                    guard tap.elements.count > before else { break }
                    taken += tap.elements[before...].map(weight).reduce(0, +)
                }
                return taken
            }
        )
        subject.lose = {
            tap.abort(.aborted)
            await clock.settle()
        }
        return subject
    }
}
