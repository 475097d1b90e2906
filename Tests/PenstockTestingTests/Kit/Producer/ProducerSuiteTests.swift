import PenstockTesting
import Testing

@Suite("ProducerSuite: everything that produces")
struct ProducerSuiteTests {
    @Test("keeps", arguments: ProducerSubject.all, ContractRule.ofProducers)
    func keeps(_ subject: ProducerSubject, _ rule: ContractRule) async throws {
        try await subject.check(rule)
    }

    @Test("Every rule is tried on a subject, but C9.3: nothing crosses from another domain yet")
    func everyRuleIsTriedOnASubject() async {
        var tried: Set<ContractRule> = [.c9_3]
        for subject in ProducerSubject.all {
            for line in await subject.run().lines {
                if case .kept = line.verdict { tried.insert(line.rule) }
            }
        }
        #expect(tried == Set(ContractRule.ofProducers))
    }
}

extension ContractRule {
    fileprivate static var ofProducers: [ContractRule] { ProducerSuite<Int>.rules }
}
