import PenstockTesting

/// Which rule is checked by which suite, and which mutants show that the checks can fail; read from the suites themselves.
enum RuleTable {
    /// A suite, what it has for a rule, and the deliberate defects that it has to find.
    struct Column: Sendable {
        var name: String
        var checks: @Sendable (ContractRule) -> Int
        var mutants: [(rule: ContractRule, name: String)]
    }

    static let columns: [Column] = [
        Column(
            name: "consumer",
            checks: { count(of: $0, in: ConsumerMutantTests.suite(nil)) },
            mutants: ConsumerMutation.allCases.map { ($0.rule, words($0.rawValue)) }
        ),
        Column(
            name: "producer",
            checks: { count(of: $0, in: ProducerSuite(.sequenceSource)) },
            mutants: ProducerMutation.allCases.map { ($0.rule, words($0.rawValue)) }
                + BridgeMutation.allCases.map { ($0.rule, words($0.rawValue)) }
        ),
        Column(
            name: "stage",
            checks: { count(of: $0, in: StageSuite(.map)) },
            mutants: StageMutation.allCases.map { ($0.rule, words($0.rawValue)) }
                + BranchMutation.allCases.map { ($0.rule, words($0.rawValue)) }
        ),
        Column(
            name: "transport",
            checks: { count(of: $0, in: ReferenceTransport.suite()) },
            mutants: TransportMutation.allCases.map { ($0.rule, words($0.rawValue)) }
        ),
    ]

    /// The rules that no subject can be tried by, and what shows them instead.
    static let exceptions: [(rule: ContractRule, shown: String)] = [
        (.c9_1, "Programs that must not compile, in `Tests/PenstockTests/Fixtures`; one that must."),
        (.c9_2, "Programs that must stop at a precondition, in `Tests/PenstockNIOTests/DomainTests.swift`."),
        (.c10_1, "`Benchmarks` counts allocations, and fails if an element costs one."),
    ]

    static func mutants(of rule: ContractRule) -> [String] {
        columns.flatMap { column in column.mutants.filter { $0.rule == rule }.map(\.name) }
    }

    private static func count(of rule: ContractRule, in suite: some ConformanceSuite) -> Int {
        type(of: suite).rules.contains(rule) ? suite.checks(of: rule).count : 0
    }

    // MARK: As text

    /// The short table: how many checks each suite has for a rule, and how many mutants there are.
    static var numbers: String {
        var lines = ["| rule | \(columns.map(\.name).joined(separator: " | ")) | mutants |"]
        lines.append(String(repeating: "| --- ", count: columns.count + 2) + "|")
        for rule in ContractRule.all {
            let counts = columns.map { $0.checks(rule) }.map { $0 == 0 ? "" : "\($0)" }
            let mutants = mutants(of: rule).count
            let cells = [rule.description] + counts + [mutants == 0 ? "" : "\(mutants)"]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }

    /// The long table: the mutants by name.
    static var names: String {
        var lines = ["| rule | mutants |", "| --- | --- |"]
        for rule in ContractRule.all {
            let names = columns.compactMap { column -> String? in
                let names = column.mutants.filter { $0.rule == rule }.map(\.name)
                return names.isEmpty ? nil : "\(column.name): \(names.joined(separator: ", "))"
            }
            if !names.isEmpty { lines.append("| \(rule) | \(names.joined(separator: "; ")) |") }
        }
        return lines.joined(separator: "\n")
    }

    /// The rules that are shown in another way.
    static var others: String {
        let lines = exceptions.map { "| \($0.rule) | \($0.shown) |" }
        return (["| rule | what shows it |", "| --- | --- |"] + lines).joined(separator: "\n")
    }

    /// `peersFINEndsBothSides` in words.
    static func words(_ name: String) -> String {
        var words: [String] = []
        var letters = name[...]
        while let first = letters.first {
            let capitals = letters.prefix(while: \.isUppercase)
            var length = capitals.count
            if length <= 1 {
                length = 1 + letters.dropFirst().prefix(while: { !$0.isUppercase }).count
            } else if length < letters.count {
                // The last capital begins the next word.
                length -= 1
            }
            let word = letters.prefix(length)
            words.append(
                word.count > 1 && first.isUppercase && word.allSatisfy(\.isUppercase) ? String(word) : word.lowercased()
            )
            letters = letters.dropFirst(length)
        }
        return words.joined(separator: " ")
    }
}
