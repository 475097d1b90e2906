/// A bounded way from one isolation domain into another: a consumer here, a source there (C9.3).
///
/// It is made anywhere. Each domain asks for its own end, which then belongs to it; what lies between is `Sendable`.
///
/// ```swift
/// let crossing = Crossing<Row>(marks: Watermarks(low: 64, high: 128), weight: { _ in 1 })
///
/// // In the domain of whoever writes:
/// try rows.attach(to: crossing.consumer(on: scheduler))
///
/// // In the domain of whoever consumes:
/// try crossing.source(on: scheduler).attach(to: archive)
/// ```
///
/// Elements go over in order, in batches: a domain is woken once for all that comes before it looks, not once for each element.
/// Room comes back in the same way, so a full consumer over there pauses the producer here. No more than the high mark plus
/// one element is ever under way, and neither side gets a single element after its pause has returned (C4.7).
///
/// If an end is dropped before the stream has ended, or was never asked for, the other one ends with
/// ``EndReason/Code/lost``. Where one of the domains has its end already, ``ConsumerHandle`` and ``SourceHandle`` are shorter.
public final class Crossing<Element: Sendable>: Sendable {
    let queue: CrossingQueue<Element>
    private let near = Claim()
    private let far = Claim()

    /// Creates a crossing without ends.
    ///
    /// - Parameters:
    ///   - marks: When to pause and when to resume whoever writes, by the weight that is under way.
    ///   - weight: What an element costs, at least 1; called once for each element, in the domain of whoever writes.
    ///   - name: Shown in snapshots.
    public convenience init(
        marks: Watermarks,
        weight: @escaping @Sendable (Element) -> Int,
        name: String = "crossing"
    ) {
        self.init(marks, SharedWeigher(weight), name)
    }

    init(_ marks: Watermarks, _ weigher: SharedWeigher<Element>, _ name: String) {
        queue = CrossingQueue(marks, weigher, name)
    }

    deinit {
        if near.isFree { queue.nearIsGone() }
        if far.isFree {
            queue.farIsLost(EndReason(.lost, detail: "\(queue.name) was dropped before anybody read from it"))
        }
    }

    /// The near end, to be written to; can be had once.
    ///
    /// - Parameter scheduler: Serves the domain of whoever writes, in which this is called.
    /// - Throws: ``RegistrationError/alreadyAttached`` if somebody has it.
    public func consumer(on scheduler: any Scheduler) throws(RegistrationError) -> CrossingConsumer<Element> {
        guard claimNear() else { throw .alreadyAttached }
        return CrossingConsumer(queue, scheduler: scheduler)
    }

    /// The far end, to be attached to a consumer; can be had once.
    ///
    /// - Parameter scheduler: Serves the domain of the consumer, in which this is called.
    /// - Throws: ``RegistrationError/alreadyAttached`` if somebody has it.
    public func source(on scheduler: any Scheduler) throws(RegistrationError) -> CrossingSource<Element> {
        try source(on: scheduler, expectedWeight: nil)
    }

    func source(
        on scheduler: any Scheduler,
        expectedWeight: Int?,
        onDrop: @escaping (EndReason) -> Void = { _ in }
    ) throws(RegistrationError) -> CrossingSource<Element> {
        guard far.take() else { throw .alreadyAttached }
        return CrossingSource(queue, expectedWeight: expectedWeight, scheduler: scheduler, onDrop: onDrop)
    }

    /// Whether the near end was free, and is the caller's now.
    func claimNear() -> Bool { near.take() }
}

extension Crossing where Element: Weighted {
    /// Creates a crossing for elements that know their weight; those without content are not passed on (C3.4).
    ///
    /// - Parameters:
    ///   - marks: When to pause and when to resume whoever writes, by the weight that is under way.
    ///   - name: Shown in snapshots.
    public convenience init(marks: Watermarks, name: String = "crossing") {
        self.init(marks, SharedWeigher(), name)
    }
}
