import PenstockTesting
import Testing

@Suite("The kit finds a broken transport")
struct TransportMutantTests {
    @Test("A mutant is caught by its rule", arguments: TransportMutation.allCases)
    func caught(_ mutation: TransportMutation) async {
        let verdict = await ReferenceTransport.suite(mutation).verdict(on: mutation.rule)
        #expect(verdict.isBroken, "\(mutation) keeps \(mutation.rule)")
    }

    @Test("Every rule of the suite has a mutant", arguments: TransportSuite<[UInt8]>.rules)
    func complete(_ rule: ContractRule) {
        #expect(TransportMutation.allCases.contains { $0.rule == rule })
        #expect(!ReferenceTransport.suite().checks(of: rule).isEmpty)
    }

    @Test("Without a mutation every rule applies to the reference, and it keeps all")
    func reference() async {
        let report = await ReferenceTransport.suite().run()
        #expect(report.isConforming, "\(report)")
        #expect(!report.description.contains("not applicable"), "\(report)")
    }
}
