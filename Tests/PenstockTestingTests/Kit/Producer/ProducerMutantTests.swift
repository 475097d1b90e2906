import Penstock
import PenstockTesting
import Testing

@Suite("ProducerSuite: the plain producer is kept, each of its mutants is broken")
struct ProducerMutantTests {
    typealias Kind = ProducerUnderTest<Int>.Kind

    private static let mutants = ProducerMutation.allCases.flatMap { mutation in
        mutation.kinds.map { Mutant(mutation: mutation, kind: $0) }
    }

    struct Mutant: Sendable, CustomTestStringConvertible {
        var mutation: ProducerMutation
        var kind: Kind
        var testDescription: String { "\(mutation.rule.number) \(mutation) \(kind)" }
    }

    @Test("it keeps", arguments: [Kind.push, .pull], ProducerSuite<Int>.rules)
    func keeps(_ kind: Kind, _ rule: ContractRule) async throws {
        try await suite(kind, nil).check(rule)
    }

    @Test("is caught", arguments: mutants)
    func isCaught(_ mutant: Mutant) async {
        let verdict = await suite(mutant.kind, mutant.mutation).verdict(on: mutant.mutation.rule)
        #expect(verdict.isBroken, "\(mutant.testDescription) is not caught: \(verdict)")
    }

    @Test func everyRuleHasAMutant() {
        let caught = ProducerMutation.allCases.map(\.rule) + BridgeMutation.allCases.map(\.rule)
        #expect(Set(caught) == Set(ProducerSuite<Int>.rules))
    }

    @Test func everyRuleIsTriedOnThePlainProducer() async {
        let reports = await [suite(.push, nil).run(), suite(.pull, nil).run()]
        for rule in ProducerSuite<Int>.rules where rule != .c9_3 {
            let isKept = reports.contains { if case .kept = $0[rule] { true } else { false } }
            #expect(isKept, "\(rule) is tried neither on a push nor on a pull producer")
        }
    }

    private func suite(_ kind: Kind, _ mutation: ProducerMutation?) -> ProducerSuite<Int> {
        var subject = ProducerUnderTest<Int>("plain", kind: kind) { Self.fixture(kind, mutation) }
        subject.makeFailing = {
            let failure = PlainFailure()
            var fixture = Self.fixture(kind, mutation, failure)
            fixture.isFailure = { $0 as? PlainFailure === failure }
            return fixture
        }
        return ProducerSuite(subject, options: KitOptions(randomOrders: 20))
    }

    private static func fixture(
        _ kind: Kind,
        _ mutation: ProducerMutation?,
        _ failure: PlainFailure? = nil
    ) -> ProducerFixture<Int> {
        let clock = VirtualClock()
        let producer = PlainProducer(kind, count: 10, failure: failure, mutation: mutation, scheduler: clock)
        var fixture = ProducerFixture(producer, expected: Array(1...10), clock: TrialClock(clock))
        fixture.isReleased = { !producer.isOpen }
        guard kind == .push else { return fixture }
        fixture.held = { producer.ahead }
        fixture.heldAtMost = 1
        fixture.elementsPerTurn = PlainProducer.share
        fixture.questions = { producer.fetched }
        return fixture
    }
}
