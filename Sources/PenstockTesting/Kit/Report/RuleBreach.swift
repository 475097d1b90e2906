/// How a rule was broken: in which check, by what, after which calls.
///
/// It is thrown by the `check(_:)` of the suites, so that a test shows all of it.
public struct RuleBreach: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rule.
    public let rule: ContractRule
    /// What was tried, such as `a second write above the high mark`.
    public let check: String
    /// What was expected and what happened instead.
    public let problem: String
    /// The calls and signals that led there, in their order.
    public let calls: [String]
    /// Repeats the check exactly, as ``KitOptions/seed``.
    public let seed: UInt64

    /// Creates a breach.
    public init(rule: ContractRule, check: String, problem: String, calls: [String], seed: UInt64) {
        self.rule = rule
        self.check = check
        self.problem = problem
        self.calls = calls
        self.seed = seed
    }

    /// The rule, the check, the problem, the seed, and the calls in the words of the notation; `write 1 x3` is three calls.
    public var description: String {
        let sequence = calls.isEmpty ? "nothing" : folded.joined(separator: " > ")
        return "\(rule) is broken: \(check): \(problem) (seed \(seed))\n  calls: \(sequence)"
    }

    private var folded: [String] {
        var runs: [(call: String, count: Int)] = []
        for call in calls {
            if runs.last?.call == call { runs[runs.count - 1].count += 1 } else { runs.append((call, 1)) }
        }
        return runs.flatMap { $0.count < 3 ? Array(repeating: $0.call, count: $0.count) : ["\($0.call) x\($0.count)"] }
    }
}
