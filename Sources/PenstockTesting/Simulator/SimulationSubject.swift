public import Penstock

/// A consumer of your own, to be put into simulated worlds as a node of the kind `subject`.
///
/// ```swift
/// try Simulation(subject: { clock, marks in
///     let buffer = Buffer<SimulationElement>(marks: marks, scheduler: clock)
///     return SimulationSubject(buffer, take: buffer.take)
/// }).run(seeds: 0..<1000)
/// ```
///
/// It must weigh an element by `weight`, and hold what it was given until `take` asks for it.
public struct SimulationSubject {
    /// Makes a fresh consumer with these marks, for one run.
    public typealias Maker = (VirtualClock, Watermarks) -> SimulationSubject

    let consumer: any Consumer<SimulationElement>
    let take: () -> SimulationElement?

    /// Describes a consumer.
    ///
    /// - Parameters:
    ///   - consumer: The consumer under test.
    ///   - take: Takes the oldest element that is held, as whoever is behind the consumer would; nil if nothing is held.
    public init(_ consumer: any Consumer<SimulationElement>, take: @escaping () -> SimulationElement?) {
        self.consumer = consumer
        self.take = take
    }
}

@available(*, unavailable)
extension SimulationSubject: Sendable {}
