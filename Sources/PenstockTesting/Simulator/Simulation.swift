/// Random histories of random worlds, each from a seed, checked against the contract after every step.
///
/// A world is a few consumers, stages, pairs and meters; a history is writes, drains, holds, registrations, ends and turns
/// of the clock, many of them taken inside the signals of others. After each step a naive model says what the level must be,
/// which element comes next, and which signals were due.
///
/// ```swift
/// try Simulation().run(seeds: 0..<1000)
/// ```
///
/// The same seed gives the same history. A history that breaks a rule is thrown as ``SimulationFailure``, shrunk to a short
/// script.
public struct Simulation {
    /// How many steps a history has.
    public var steps: Int
    /// Whether a failing history is shrunk before it is thrown.
    public var shrinks: Bool
    /// Told each seed before its history runs; says which one it was when the code under test ends the process.
    public var willRun: ((UInt64) -> Void)?
    private let subject: SimulationSubject.Maker?

    /// Creates a simulation.
    ///
    /// - Parameters:
    ///   - steps: How many steps a history has.
    ///   - shrinks: Whether a failing history is shrunk before it is thrown.
    ///   - subject: Makes a consumer of your own, which then takes part in every world.
    public init(steps: Int = 80, shrinks: Bool = true, subject: SimulationSubject.Maker? = nil) {
        self.steps = steps
        self.shrinks = shrinks
        self.subject = subject
    }

    /// The history of a seed.
    public func script(seed: UInt64) -> SimulationScript {
        SimulationScript(seed: seed, steps: steps, hasSubject: subject != nil)
    }

    /// Runs the histories of some seeds, and stops at the first that breaks a rule.
    ///
    /// - Returns: How many steps were taken.
    /// - Throws: ``SimulationFailure``.
    @discardableResult
    public func run(seeds: some Sequence<UInt64>) throws(SimulationFailure) -> Int {
        var taken = 0
        for seed in seeds {
            willRun?(seed)
            let script = script(seed: seed)
            guard var failure = script.failure(subject: subject) else {
                taken += script.count
                continue
            }
            failure.seed = seed
            guard shrinks else { throw failure }
            var shrinking = SimulationShrinking(failure, subject: subject)
            shrinking.shrink()
            throw shrinking.best
        }
        return taken
    }
}

@available(*, unavailable)
extension Simulation: Sendable {}
