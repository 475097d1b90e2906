import PenstockTesting
import Testing

@Suite("Every rule has a check and a mutant, and the articles say which")
struct RuleTableTests {
    @Test("A rule is in a suite with a check and a mutant, or has another proof", arguments: ContractRule.all)
    func isProved(_ rule: ContractRule) {
        let checks = RuleTable.columns.map { $0.checks(rule) }.reduce(0, +)
        let mutants = RuleTable.mutants(of: rule).count
        if RuleTable.exceptions.contains(where: { $0.rule == rule }) {
            #expect(checks == 0 && mutants == 0, "\(rule) is shown by the suites, and listed as an exception")
        } else {
            #expect(checks > 0, "\(rule) has no check")
            #expect(mutants > 0, "\(rule) has no mutant")
        }
    }

    @Test("A suite that checks a rule has a mutant for it", arguments: RuleTable.columns.indices)
    func suites(_ index: Int) {
        let column = RuleTable.columns[index]
        let checked = ContractRule.all.filter { column.checks($0) > 0 }
        #expect(Set(checked) == Set(column.mutants.map(\.rule)), "\(column.name)")
    }

    @Test("The table of the article on the contract is that of the suites")
    func contract() throws {
        let article = try ArticleFile("Sources/Penstock/Penstock.docc/TheContract.md")
        let table = article.table(under: "## How each rule is checked")
        #expect(table == RuleTable.numbers, "\nThe table has to be:\n\n\(RuleTable.numbers)\n")
    }

    @Test("The tables of the article on checks and mutants are those of the suites")
    func checksAndMutants() throws {
        let article = try ArticleFile("Sources/PenstockTesting/PenstockTesting.docc/ChecksAndMutants.md")
        let names = article.table(under: "## The mutants")
        #expect(names == RuleTable.names, "\nThe table has to be:\n\n\(RuleTable.names)\n")
        let others = article.table(under: "## Shown in another way")
        #expect(others == RuleTable.others, "\nThe table has to be:\n\n\(RuleTable.others)\n")
    }

    @Test("The name of a mutant in words")
    func words() {
        #expect(RuleTable.words("replacesTheFirst") == "replaces the first")
        #expect(RuleTable.words("peersFINEndsBothSides") == "peers FIN ends both sides")
        #expect(RuleTable.words("closesWithTheFIN") == "closes with the FIN")
        #expect(RuleTable.words("finishIsNotA") == "finish is not a")
    }
}
