/// The producing side that every source in the package embeds: the consumer it is attached to, the pause, the counts and
/// the end.
///
/// A source of your own holds one, passes on to it the signals it gets, and calls ``write(_:)``, then ``finish()``,
/// ``fail(_:)`` or ``end(_:)``. It keeps the consumer from the attachment to the end of the flow, and no longer (C1.9).
public final class Outlet<Element> {
    /// What every element touches.
    @usableFromInline struct Passage {
        @usableFromInline var consumer: (any Consumer<Element>)?
        @usableFromInline var isPaused = false
        @usableFromInline var elements = 0
        @usableFromInline var writesUnderWay = 0
        @inlinable init() {}
    }

    /// Why the source ended; nil while it has not.
    public private(set) var end: EndReason?

    private let scheduler: any Scheduler
    @usableFromInline let passage = Cell(Passage())
    private weak var registration: Registration?
    private var done: ((FlowResult) -> Void)?
    private var atEnd = EndPolicy.finish
    private var pauses = 0
    private var timePausedBefore = Duration.zero
    private var attachedAt = Duration.zero
    private var before = Delivery.Amount.none
    private var isEndEarly = false

    /// Creates an outlet that is attached to nothing.
    public init(scheduler: any Scheduler) {
        self.scheduler = scheduler
    }

    /// Whether the consumer has paused this producer.
    @inlinable public var isPaused: Bool { passage.value.isPaused }

    /// Whether there is a consumer.
    @inlinable public var isAttached: Bool { passage.value.consumer != nil }

    /// Whether an element may be written now without being skid: attached and not paused.
    @inlinable public var isOpen: Bool { passage.value.consumer != nil && !passage.value.isPaused }

    /// What the consumer waits for; empty if there is none.
    public var waits: [FlowSnapshot.Wait] { passage.value.consumer?.snapshot.waits ?? [] }

    /// Attaches a push producer to a consumer.
    public func attach(
        _ producer: any PushProducer,
        to consumer: any Consumer<Element>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try prepare(consumer, atEnd, done)
        let registration = PushRegistration(producer)
        self.registration = registration
        do { try consumer.registerProducer(registration) } catch {
            forget()
            throw error
        }
        giveEarlyEnd()
    }

    /// Attaches a pull producer to a consumer.
    public func attach(
        _ producer: any PullProducer,
        to consumer: any Consumer<Element>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try prepare(consumer, atEnd, done)
        let registration = PullRegistration(producer)
        self.registration = registration
        do { try consumer.registerProducer(registration) } catch {
            forget()
            throw error
        }
        giveEarlyEnd()
    }

    /// Writes an element to the consumer; without one the element is refused.
    @inlinable
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        guard let consumer = passage.value.consumer else { return .closed }
        // Counted before the write, inside which the flow may end with this element handed over (C6.8).
        passage.value.elements &+= 1
        passage.value.writesUnderWay &+= 1
        let outcome = consumer.write(element)
        passage.value.writesUnderWay &-= 1
        if outcome == .closed, passage.value.consumer === consumer { passage.value.elements &-= 1 }
        return outcome
    }

    /// The consumer called `pauseProducing`.
    public func paused() {
        guard !isPaused else { return }
        passage.value.isPaused = true
        pauses += 1
    }

    /// The consumer called `resumeProducing`.
    public func resumed() {
        passage.value.isPaused = false
    }

    /// The source has produced everything: unregisters, and finishes the consumer if that was agreed.
    ///
    /// Without a consumer, the next one that is attached gets the end at once.
    public func finish() { end(.finished) }

    /// The source has failed: the consumer is failed with the original error if the source was to finish it (C6.6).
    public func fail(_ error: any Error) { end(.failed(error)) }

    /// The source has ended for this reason: does what ``finish()`` does if the reason is orderly, else what ``fail(_:)``
    /// does with the original error (C6.6).
    public func end(_ reason: EndReason) {
        guard end == nil else { return }
        end = reason
        give(reason)
    }

    private func give(_ reason: EndReason) {
        guard let (consumer, atEnd, tell) = conclude(reason) else {
            isEndEarly = true
            return
        }
        // Whom somebody else has unregistered has nothing to unregister: a successor may be there now (C2.1).
        if let registration, !registration.isOver { consumer.unregisterProducer() }
        if atEnd == .finish {
            if reason.isOrderly {
                consumer.finish()
            } else {
                consumer.fail(reason.code == .failed ? reason.error ?? reason : reason)
            }
        }
        tell()
    }

    /// The consumer called `stopProducing`.
    public func stopped(_ reason: EndReason) {
        guard end == nil || isEndEarly else { return }
        isEndEarly = false
        // A consumer that ended in order still cut this source short.
        let reason =
            reason.isOrderly
            ? EndReason(.consumerEnded, detail: "the consumer had finished before the source had produced everything")
            : reason
        end = reason
        conclude(reason)?.tell()
    }

    /// A source that ended before anybody was there to hear of it ends for its first consumer (C6.6).
    private func giveEarlyEnd() {
        guard isEndEarly, let end, isAttached else { return }
        isEndEarly = false
        give(end)
    }

    private func prepare(
        _ consumer: any Consumer<Element>,
        _ atEnd: EndPolicy,
        _ done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        guard end == nil || isEndEarly else { throw .sourceEnded }
        guard !isAttached else { throw .alreadyAttached }
        passage.value.consumer = consumer
        passage.value.isPaused = false
        passage.value.elements = 0
        self.done = done
        self.atEnd = atEnd
        pauses = 0
        attachedAt = scheduler.now
        let snapshot = consumer.snapshot
        before = snapshot.delivery.accepted
        timePausedBefore = snapshot.timePaused
    }

    private func forget() {
        passage.value.consumer = nil
        passage.value.isPaused = false
        done = nil
    }

    /// Takes the flow apart; `tell` tells whoever asked for it.
    private func conclude(
        _ reason: EndReason
    ) -> (consumer: any Consumer<Element>, atEnd: EndPolicy, tell: () -> Void)? {
        guard let consumer = passage.value.consumer, let done else { return nil }
        resumed()
        let snapshot = consumer.snapshot
        let accepted = snapshot.delivery.accepted
        let elements = passage.value.elements
        // The element whose write ended the stream with an overflow was refused.
        let isRefused = passage.value.writesUnderWay > 0 && accepted.elements - before.elements < elements
        let summary = FlowSummary(
            elements: isRefused ? elements - 1 : elements,
            weight: accepted.weight - before.weight,
            pauses: pauses,
            timePaused: snapshot.timePaused - timePausedBefore,
            peakLevel: snapshot.peak,
            duration: scheduler.now - attachedAt
        )
        let policy = atEnd
        forget()
        return (consumer, policy, { done(FlowResult(end: reason, summary: summary)) })
    }
}

@available(*, unavailable)
extension Outlet: Sendable {}
