/// A simulation has found a breach of the contract.
///
/// Its description has all that is needed to look at it: the seed, the rule, what happened, and a script that does it again
/// when it is given to ``SimulationScript``.
public struct SimulationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The seed it was found with; nil for a script and an exploration.
    public var seed: UInt64?
    /// The number of the rule in the contract, such as `C4.8`.
    public let rule: String
    /// What happened, in a sentence.
    public let problem: String
    /// The number of the step after which it showed, beginning with 1; nil if it was at the end.
    public let step: Int?
    /// What leads to it.
    public let script: SimulationScript

    init(seed: UInt64?, breach: SimulationBreach, script: SimulationScript) {
        self.seed = seed
        rule = breach.rule
        problem = breach.problem
        step = breach.step
        self.script = script
    }

    /// The seed, the rule, the problem and the script.
    public var description: String {
        let origin = seed.map { " (PENSTOCK_SEED=\($0))" } ?? ""
        let moment = step.map { "after step \($0)" } ?? "at the end"
        return "\(rule) is broken \(moment)\(origin): \(problem)\n\(script)"
    }
}

/// What a run found: a rule that is broken.
struct SimulationBreach {
    var rule: String
    var problem: String
    var step: Int?
}
