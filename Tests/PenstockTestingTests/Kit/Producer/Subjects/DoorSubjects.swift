import Penstock
import PenstockTesting

extension ProducerSubject {
    /// The doors by which tasks produce, each fed by a task of a domain that makes its steps as the kit says.
    static let doors: [ProducerSubject] = [
        ProducerSubject("AsyncWriter, fed by a task", inDomain: { .asyncWriter(in: $0) }),
        ProducerSubject("AsyncSequence.flow", inDomain: { .asyncSequenceFlow(in: $0) }),
        ProducerSubject("Sequence.flow", inDomain: { .sequenceFlow(in: $0) }),
    ]

    private init(
        _ name: String,
        inDomain make: @escaping @Sendable (isolated SteppedDomain) -> ProducerUnderTest<Int>
    ) {
        let options = KitOptions(randomOrders: 20)
        self.init(
            name,
            check: { rule in
                try await SteppedDomain().run { domain in
                    try await ProducerSuite(make(domain), options: options).check(rule)
                }
            },
            run: {
                await SteppedDomain().run { domain in await ProducerSuite(make(domain), options: options).run() }
            }
        )
    }
}

private let numbers = Array(1...12)

extension ProducerUnderTest<Int> {
    static func asyncWriter(in domain: isolated SteppedDomain) -> Self {
        Self("AsyncWriter, fed by a task", kind: .push) {
            let scheduler = DomainScheduler(domain.clock)
            var fixture = ProducerFixture(
                producer: Nobody(),
                expected: numbers,
                clock: domain.trialClock(scheduler),
                start: { (consumer) throws(RegistrationError) in
                    let writer = try AsyncWriter(consumer)
                    Task {
                        _ = domain
                        for number in numbers { try await writer.write(number) }
                    }
                }
            )
            fixture.object = nil
            return fixture
        }
    }

    static func asyncSequenceFlow(in domain: isolated SteppedDomain) -> Self {
        flow("AsyncSequence.flow", kind: .push, domain) { (consumer, atEnd) throws(FlowError) in
            try await EachNumber(rest: numbers[...]).flow(into: consumer, atEnd: atEnd)
        }
    }

    static func sequenceFlow(in domain: isolated SteppedDomain) -> Self {
        flow("Sequence.flow", kind: .pull, domain) { (consumer, atEnd) throws(FlowError) in
            try await numbers.flow(into: consumer, atEnd: atEnd)
        }
    }

    private static func flow(
        _ name: String,
        kind: Kind,
        _ domain: isolated SteppedDomain,
        _ flow: @escaping @Sendable (any Consumer<Int>, EndPolicy) async throws(FlowError) -> FlowSummary
    ) -> Self {
        Self(name, kind: kind) {
            let scheduler = DomainScheduler(domain.clock)
            let ticket = Ticket()
            var fixture = ProducerFixture<Int>(
                producer: Nobody(),
                expected: numbers,
                clock: domain.trialClock(scheduler),
                start: { _ in }
            )
            fixture.object = nil
            fixture.tellsResult = true
            fixture.start = { (consumer, atEnd, done) throws(RegistrationError) in
                try ticket.take()
                Task {
                    _ = domain
                    do throws(FlowError) {
                        let summary = try await flow(consumer, atEnd)
                        ticket.isUsedUp = true
                        done(FlowResult(end: .finished, summary: summary))
                    } catch {
                        ticket.refusal = error.underlying as? RegistrationError
                        guard ticket.refusal == nil else { return }
                        ticket.isUsedUp = true
                        done(FlowResult(end: error.end, summary: error.summary))
                    }
                }
                // The kit expects the attachment, or the refusal, before the start returns.
                domain.step()
                try ticket.check()
            }
            return fixture
        }
    }
}

/// Whether a flow may begin: one begins once.
private final class Ticket {
    var refusal: RegistrationError?
    var isUsedUp = false
    private var isTaken = false

    func take() throws(RegistrationError) {
        if isUsedUp { throw .sourceEnded }
        if isTaken { throw .alreadyAttached }
        isTaken = true
    }

    func check() throws(RegistrationError) {
        guard let refusal else { return }
        self.refusal = nil
        isTaken = false
        throw refusal
    }
}

/// Stands where the kit wants to know the object; the producer of a door is its own.
private final class Nobody: Producer {
    func stopProducing(_ reason: EndReason) {}
}

private struct EachNumber: AsyncSequence, AsyncIteratorProtocol {
    var rest: ArraySlice<Int>

    mutating func next(isolation actor: isolated (any Actor)?) async throws(Never) -> Int? { rest.popFirst() }

    func makeAsyncIterator() -> Self { self }
}

/// The scheduler of a domain; not a clock that the kit could turn without the tasks.
private final class DomainScheduler: Scheduler {
    private let clock: VirtualClock

    init(_ clock: VirtualClock) { self.clock = clock }

    var now: Duration { clock.now }
    var turn: TurnBudget { clock.turn }

    func onLaterTurn(_ work: @escaping () -> Void) { clock.onLaterTurn(work) }

    func schedule(after delay: Duration, _ work: @escaping () -> Void) -> ScheduledWork {
        clock.schedule(after: delay, work)
    }

    func makeBell(_ work: @escaping () -> Void) -> Bell { clock.makeBell(work) }
}

extension SteppedDomain {
    fileprivate func trialClock(_ scheduler: DomainScheduler) -> TrialClock {
        TrialClock(
            virtual: scheduler,
            runTurn: {
                while self.step() {}
                self.clock.runTurn()
                while self.step() {}
            },
            settle: { self.settle() },
            advance: { self.advance(by: $0) }
        )
    }
}
