import PenstockTesting
import Testing

@Suite("The kit on transports in memory")
struct TransportSuiteTests {
    @Test(arguments: TransportSubjects.allCases, TransportSuite<[UInt8]>.rules)
    func keeps(_ subject: TransportSubjects, _ rule: ContractRule) async throws {
        try await subject.suite.check(rule)
    }
}
