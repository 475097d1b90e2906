import Penstock
import PenstockTesting
import Testing

@Suite struct ConsumerSuiteTests {
    @Test("Every consumer of the package", arguments: ConsumerSubject.all, ConsumerSuite<Int>.rules)
    func keeps(_ subject: ConsumerSubject, _ rule: ContractRule) async throws {
        guard case .broken(let breaches) = await subject.verdict(rule) else { return }
        for breach in breaches { Issue.record(breach) }
    }
}
