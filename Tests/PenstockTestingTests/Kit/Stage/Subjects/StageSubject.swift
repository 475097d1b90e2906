import PenstockTesting
import Testing

/// A line in the list of what ``StageSuite`` is tried on.
struct StageSubject: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Tries a rule.
    let check: @Sendable (ContractRule) async throws -> Void
    /// Tries all of them.
    let run: @Sendable () async -> ConformanceReport

    init<Input, Output>(_ make: @escaping @Sendable () -> StageUnderTest<Input, Output>) {
        testDescription = make().name
        let options = KitOptions(randomOrders: 20)
        check = { rule in try await StageSuite(make(), options: options).check(rule) }
        run = { await StageSuite(make(), options: options).run() }
    }
}
