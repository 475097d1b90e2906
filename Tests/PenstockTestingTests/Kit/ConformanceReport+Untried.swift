import PenstockTesting

extension ConformanceReport {
    /// The rules that were not applicable.
    var untried: [ContractRule] {
        lines.filter { if case .notApplicable = $0.verdict { true } else { false } }.map(\.rule)
    }
}
