/// What a suite found about one subject, rule by rule; to print as a table or as JSON.
public struct ConformanceReport: Sendable, CustomStringConvertible {
    /// A rule and what was found about it.
    public struct Line: Sendable {
        /// The rule.
        public let rule: ContractRule
        /// What was found.
        public let verdict: RuleVerdict

        /// Creates a line.
        public init(rule: ContractRule, verdict: RuleVerdict) {
            self.rule = rule
            self.verdict = verdict
        }
    }

    /// The name of what was tested.
    public let subject: String
    /// As what it was tested: `consumer`, `push producer`, `pull producer`, `stage` or `transport`.
    public let role: String
    /// One for each rule of the suite, in the order of the contract.
    public let lines: [Line]

    /// Creates a report.
    public init(subject: String, role: String, lines: [Line]) {
        self.subject = subject
        self.role = role
        self.lines = lines
    }

    /// Whether no rule is broken.
    public var isConforming: Bool { !lines.contains { $0.verdict.isBroken } }

    /// All breaches in the order of the rules.
    public var breaches: [RuleBreach] {
        lines.flatMap { line in if case .broken(let breaches) = line.verdict { breaches } else { [RuleBreach]() } }
    }

    /// What was found about a rule; nil if the suite does not check it.
    public subscript(rule: ContractRule) -> RuleVerdict? { lines.first { $0.rule == rule }?.verdict }

    /// A table with one line a rule, then the breaches in full.
    public var description: String {
        let width = lines.map { $0.rule.description.count }.max() ?? 0
        var text = "\(subject) as a \(role): \(isConforming ? "conforms" : "does not conform")\n"
        for line in lines {
            let name = line.rule.description
            text += "  \(name)\(String(repeating: " ", count: width - name.count))  \(line.verdict.word)"
            switch line.verdict {
            case .kept(let checks): text += " (\(checks) \(checks == 1 ? "check" : "checks"))\n"
            case .notApplicable(let reason): text += ": \(reason)\n"
            case .broken(let breaches):
                text += ": \(breaches.first?.problem ?? "")"
                text += breaches.count > 1 ? " (and \(breaches.count - 1) more)\n" : "\n"
            }
        }
        for breach in breaches { text += "\n\(breach)\n" }
        return text
    }

    /// The report as a JSON object with `subject`, `role`, `conforms` and `rules`.
    public var json: String {
        let rules = lines.map { line in
            var fields = [
                ("rule", JSONText.quoted(line.rule.number)), ("title", JSONText.quoted(line.rule.title)),
                ("verdict", JSONText.quoted(line.verdict.word)),
            ]
            switch line.verdict {
            case .kept(let checks): fields.append(("checks", "\(checks)"))
            case .notApplicable(let reason): fields.append(("reason", JSONText.quoted(reason)))
            case .broken(let breaches): fields.append(("breaches", JSONText.array(breaches.map(\.json))))
            }
            return JSONText.object(fields)
        }
        return JSONText.object([
            ("subject", JSONText.quoted(subject)), ("role", JSONText.quoted(role)), ("conforms", "\(isConforming)"),
            ("rules", JSONText.array(rules)),
        ])
    }
}

extension RuleBreach {
    var json: String {
        JSONText.object([
            ("check", JSONText.quoted(check)), ("problem", JSONText.quoted(problem)), ("seed", "\(seed)"),
            ("calls", JSONText.array(calls.map(JSONText.quoted))),
        ])
    }
}
