public import Penstock

/// A pull source of ten elements that unregisters after the tenth: the smallest source there is.
///
/// By default it answers each question at once. Told to answer on a later turn, it owes its answer until then, and a question
/// that comes meanwhile starts no second one (C5.3).
///
/// ```swift
/// try TenElements(scheduler: clock).attach(to: consumer)              // 1, 2, … 10
/// try TenElements(scheduler: clock) { "line \($0)\n" }.attach(to: console)
/// ```
public final class TenElements<Output>: PullProducer, Source {
    /// When a question is answered.
    public enum Answering: Hashable, Sendable {
        /// Inside the question.
        case atOnce
        /// On the next turn of the scheduler.
        case onLaterTurn
    }

    /// How many elements have been written.
    public private(set) var written = 0
    /// Why it ended; nil while it has not.
    public var end: EndReason? { outlet.end }

    private let outlet: Outlet<Output>
    private let scheduler: any Scheduler
    private let answering: Answering
    private let make: (Int) -> Output
    private var isAnswerDue = false

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - answering: When a question is answered.
    ///   - scheduler: Serves the isolation domain of the source.
    ///   - make: Makes the element with this number, from 1 to 10.
    public init(
        answering: Answering = .atOnce,
        scheduler: any Scheduler,
        _ make: @escaping (Int) -> Output
    ) {
        self.answering = answering
        self.scheduler = scheduler
        self.make = make
        outlet = Outlet(scheduler: scheduler)
    }

    /// Unknown: it depends on what an element weighs.
    public var expectedWeight: Int? { nil }

    /// Registers with the consumer and answers its questions.
    public func attach(
        to consumer: any Consumer<Output>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
    }

    /// Writes the next element, now or on the next turn; with the tenth it unregisters.
    public func resumeProducing() {
        switch answering {
        case .atOnce:
            answer()
        case .onLaterTurn:
            guard !isAnswerDue else { return }
            isAnswerDue = true
            scheduler.onLaterTurn { [weak self] in
                guard let self else { return }
                isAnswerDue = false
                answer()
            }
        }
    }

    /// Ends the flow.
    public func stopProducing(_ reason: EndReason) { outlet.stopped(reason) }

    private func answer() {
        guard outlet.isAttached, written < 10 else { return }
        written += 1
        outlet.write(make(written))
        if written == 10 { outlet.finish() }
    }
}

extension TenElements where Output == Int {
    /// Creates a source of the numbers from 1 to 10.
    public convenience init(answering: Answering = .atOnce, scheduler: any Scheduler) {
        self.init(answering: answering, scheduler: scheduler, { $0 })
    }
}

@available(*, unavailable)
extension TenElements: Sendable {}
