/// A source that can be consumed in another isolation domain: made where the source lives, used elsewhere (C9.3).
///
/// ```swift
/// // In the domain of the source, on one event loop:
/// let handle = try SourceHandle(numbers, marks: marks, weight: { _ in 1 }, on: scheduler)
///
/// // In the domain of the consumer, on another:
/// try handle.source(on: scheduler).attach(to: connection)
/// ```
///
/// The source is held until there is a consumer. No more than the high mark plus one element is ever between the two domains. A handle that is dropped
/// before its source was asked for stops the source.
public final class SourceHandle<Element: Sendable>: Sendable {
    /// The weight of everything to come, if the source knows it.
    public let expectedWeight: Int?

    private let crossing: Crossing<Element>

    /// Attaches the source to a crossing.
    ///
    /// - Parameters:
    ///   - source: What produces. Held until it has ended.
    ///   - marks: Bound what is between the two domains.
    ///   - weight: What an element costs, at least 1; called in the domain of the source.
    ///   - scheduler: Serves the domain of the source, in which this is called.
    ///   - name: Shown in snapshots.
    ///   - done: Called in the domain of the source when it has ended, with what was handed over.
    /// - Throws: ``RegistrationError`` if the source is attached or used up.
    public convenience init(
        _ source: any Source<Element>,
        marks: Watermarks,
        weight: @escaping @Sendable (Element) -> Int,
        on scheduler: any Scheduler,
        name: String = "crossing",
        done: @escaping (FlowResult) -> Void = { _ in }
    ) throws(RegistrationError) {
        try self.init(source, Crossing(marks, SharedWeigher(weight), name), scheduler, done)
    }

    private init(
        _ source: any Source<Element>,
        _ crossing: Crossing<Element>,
        _ scheduler: any Scheduler,
        _ done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        self.crossing = crossing
        expectedWeight = source.expectedWeight
        try source.attach(to: crossing.consumer(on: scheduler), atEnd: .finish, done: done)
    }

    /// The far end, to be attached to a consumer; can be had once.
    ///
    /// - Parameter scheduler: Serves the domain of the consumer, in which this is called.
    /// - Throws: ``RegistrationError/alreadyAttached`` if somebody has it.
    public func source(on scheduler: any Scheduler) throws(RegistrationError) -> CrossingSource<Element> {
        try crossing.source(on: scheduler, expectedWeight: expectedWeight)
    }
}

extension SourceHandle where Element: Weighted {
    /// Attaches the source to a crossing of elements that know their weight; those without content are not passed on (C3.4).
    public convenience init(
        _ source: any Source<Element>,
        marks: Watermarks,
        on scheduler: any Scheduler,
        name: String = "crossing",
        done: @escaping (FlowResult) -> Void = { _ in }
    ) throws(RegistrationError) {
        try self.init(source, Crossing(marks, SharedWeigher(), name), scheduler, done)
    }
}
