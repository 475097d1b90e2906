import PenstockTesting
import Testing

/// A line in the list of what ``ProducerSuite`` is tried on.
struct ProducerSubject: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Tries a rule.
    let check: @Sendable (ContractRule) async throws -> Void
    /// Tries all of them.
    let run: @Sendable () async -> ConformanceReport

    init(
        _ name: String,
        check: @escaping @Sendable (ContractRule) async throws -> Void,
        run: @escaping @Sendable () async -> ConformanceReport
    ) {
        testDescription = name
        self.check = check
        self.run = run
    }

    init<Element>(_ make: @escaping @Sendable () -> ProducerUnderTest<Element>) {
        testDescription = make().name
        let options = KitOptions(randomOrders: 20)
        check = { rule in try await ProducerSuite(make(), options: options).check(rule) }
        run = { await ProducerSuite(make(), options: options).run() }
    }
}
