import Penstock

/// A pull source of numbers from 1 on, which can fail behind the last, and remembers how it was stopped.
final class NumberSource: PullProducer, Source {
    private(set) var stops: [EndReason] = []
    let expectedWeight: Int?
    private let outlet: Outlet<Int>
    private let count: Int
    private let fails: Bool
    private let isLate: Bool
    private let scheduler: any Scheduler
    private var next = 1

    /// - Parameter isLate: Whether it answers on the next turn.
    init(_ count: Int, fails: Bool = false, isLate: Bool = false, scheduler: any Scheduler) {
        self.isLate = isLate
        self.scheduler = scheduler
        self.count = count
        self.fails = fails
        expectedWeight = count
        outlet = Outlet(scheduler: scheduler)
    }

    func attach(
        to consumer: any Consumer<Int>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
    }

    func resumeProducing() {
        if isLate { scheduler.onLaterTurn { [weak self] in self?.answer() } } else { answer() }
    }

    private func answer() {
        guard outlet.isAttached else { return }
        if next <= count {
            next += 1
            outlet.write(next - 1)
        } else if fails {
            outlet.fail(TestFailure())
        } else {
            outlet.finish()
        }
    }

    func stopProducing(_ reason: EndReason) {
        stops.append(reason)
        outlet.stopped(reason)
    }
}

/// An asynchronous sequence of numbers from 1 on that never waits, and can fail behind the last.
struct AsyncNumbers: AsyncSequence {
    struct AsyncIterator: AsyncIteratorProtocol {
        var next = 1
        let count: Int
        let fails: Bool
        let onAsk: (Int) -> Void

        mutating func next(isolation actor: isolated (any Actor)?) async throws(TestFailure) -> Int? {
            onAsk(next)
            guard next <= count else {
                if fails { throw TestFailure() }
                return nil
            }
            next += 1
            return next - 1
        }
    }

    var count: Int
    var fails = false
    var onAsk: (Int) -> Void = { _ in }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(count: count, fails: fails, onAsk: onAsk) }
}
