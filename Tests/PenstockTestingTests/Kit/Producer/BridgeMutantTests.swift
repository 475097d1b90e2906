import Penstock
import PenstockTesting
import Testing

@Suite("ProducerSuite: the plain bridge between two domains is kept, each of its mutants is broken")
struct BridgeMutantTests {
    @Test("it keeps", arguments: ProducerSuite<Int>.rules)
    func keeps(_ rule: ContractRule) async throws {
        try await suite(nil).check(rule)
    }

    @Test("that a crossing is explicit applies to it, and to nobody on the loop of his consumer")
    func applies() async {
        #expect(await suite(nil).verdict(on: .c9_3).word == "kept")
        #expect(await ProducerSuite(ProducerUnderTest.sequenceSource).verdict(on: .c9_3).word == "not applicable")
    }

    @Test("is caught", arguments: BridgeMutation.allCases)
    func isCaught(_ mutation: BridgeMutation) async {
        let verdict = await suite(mutation).verdict(on: mutation.rule)
        #expect(verdict.isBroken, "\(mutation) is not caught: \(verdict)")
    }

    private func suite(_ mutation: BridgeMutation?) -> ProducerSuite<Int> {
        var subject = ProducerUnderTest<Int>("bridge", kind: .push) { Self.fixture(nil, mutation) }
        subject.makeFailing = {
            let failure = PlainFailure()
            var fixture = Self.fixture(failure, mutation)
            fixture.isFailure = { $0 as? PlainFailure === failure }
            return fixture
        }
        subject.skid = PlainBridge.skid
        return ProducerSuite(subject, options: KitOptions(randomOrders: 20))
    }

    private static func fixture(_ failure: PlainFailure?, _ mutation: BridgeMutation?) -> ProducerFixture<Int> {
        let clock = VirtualClock()
        let bridge = PlainBridge(count: 12, failure: failure, mutation: mutation, scheduler: clock)
        var fixture = ProducerFixture(bridge, expected: Array(1...12), clock: TrialClock(clock))
        fixture.held = { bridge.held }
        fixture.heldAtMost = PlainBridge.window
        fixture.isReleased = { bridge.isFarSideClosed }
        return fixture
    }
}
