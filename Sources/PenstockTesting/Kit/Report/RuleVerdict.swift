/// What a suite found about one rule.
public enum RuleVerdict: Sendable {
    /// Every check of the rule passed.
    case kept(checks: Int)
    /// At least one check failed; the others of the rule may have passed.
    case broken([RuleBreach])
    /// The rule does not concern this subject, for the reason given.
    case notApplicable(String)

    /// `kept`, `broken` or `not applicable`.
    public var word: String {
        switch self {
        case .kept: "kept"
        case .broken: "broken"
        case .notApplicable: "not applicable"
        }
    }

    /// Whether a check failed.
    public var isBroken: Bool {
        if case .broken = self { true } else { false }
    }
}
