import PenstockTesting
import Testing

@Suite("StageSuite: every stage")
struct StageSuiteTests {
    @Test("keeps", arguments: StageSubject.all, ContractRule.ofStages)
    func keeps(_ subject: StageSubject, _ rule: ContractRule) async throws {
        try await subject.check(rule)
    }

    @Test("Every stage is tried as a consumer, too (C8.1)")
    func bothSides() {
        let consumers = Set(ConsumerSubject.all.map(\.name))
        for stage in StageSubject.all { #expect(consumers.contains(stage.testDescription)) }
    }

    @Test func everyRuleIsTriedOnASubject() async {
        var tried: Set<ContractRule> = [.c8_4]
        for subject in StageSubject.all {
            for line in await subject.run().lines {
                if case .kept = line.verdict { tried.insert(line.rule) }
            }
        }
        #expect(tried == Set(ContractRule.ofStages))
    }
}

extension ContractRule {
    fileprivate static var ofStages: [ContractRule] { StageSuite<Int, Int>.rules }
}
