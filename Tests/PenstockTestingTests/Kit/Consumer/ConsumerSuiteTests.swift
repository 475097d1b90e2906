import Penstock
import PenstockTesting
import Testing

@Suite struct ConsumerSuiteTests {
    @Test("Every consumer of the package", arguments: ConsumerSubject.all, ConsumerSuite<Int>.rules)
    func keeps(_ subject: ConsumerSubject, _ rule: ContractRule) async throws {
        let verdict = await subject.verdict(rule)
        guard case .broken(let breaches) = verdict else { return }
        // A stage that is aborted while it hands an element on counts it as dropped, though its consumer has taken it.
        let isKnown = rule == .c4_3 && ["Map", "PushFromPull"].contains(subject.name)
        for breach in breaches {
            if isKnown { withKnownIssue { Issue.record(breach) } } else { Issue.record(breach) }
        }
    }
}
