import Penstock
import PenstockTesting
import Testing

@Suite("StageSuite: the plain stage is kept, each of its mutants is broken")
struct StageMutantTests {
    @Test("it keeps", arguments: StageSuite<Int, Int>.rules)
    func keeps(_ rule: ContractRule) async throws {
        try await suite(nil).check(rule)
    }

    @Test("is caught", arguments: StageMutation.allCases)
    func isCaught(_ mutation: StageMutation) async {
        let verdict = await suite(mutation).verdict(on: mutation.rule)
        #expect(verdict.isBroken, "\(mutation.rule.number) \(mutation) is not caught: \(verdict)")
    }

    @Test("with several consumers or producers it keeps what it states", arguments: BranchedStage.allCases)
    func keepsItsBranches(_ stage: BranchedStage) async {
        switch await StageSuite(stage.subject(nil)).verdict(on: .c8_4) {
        case .kept: break
        case .broken(let breaches): for breach in breaches { Issue.record(breach) }
        case .notApplicable(let reason): Issue.record("not applicable: \(reason)")
        }
    }

    @Test("with several consumers or producers it is caught", arguments: BranchMutation.allCases)
    func isCaught(_ mutation: BranchMutation) async {
        for stage in mutation.stages {
            let verdict = await StageSuite(stage.subject(mutation)).verdict(on: mutation.rule)
            #expect(verdict.isBroken, "\(mutation) of \(stage) is not caught: \(verdict)")
        }
    }

    @Test("every rule has a mutant")
    func everyRuleHasAMutant() {
        let caught = StageMutation.allCases.map(\.rule) + BranchMutation.allCases.map(\.rule)
        #expect(Set(caught) == Set(StageSuite<Int, Int>.rules))
    }

    @Test func everyRuleIsTriedOnThePlainStage() async {
        let report = await suite(nil).run()
        for line in report.lines where line.rule != .c8_4 {
            let isKept = if case .kept = line.verdict { true } else { false }
            #expect(isKept, "\(line.rule): \(line.verdict)")
        }
    }

    private func suite(_ mutation: StageMutation?) -> StageSuite<Int, Int> {
        let subject = StageUnderTest<Int, Int>("plain") {
            let clock = VirtualClock()
            let stage = PlainStage(mutation: mutation, scheduler: clock)
            let inputs = Array(1...12)
            var fixture = StageFixture(stage, inputs: inputs, outputs: inputs.map { $0 * 10 }, clock: TrialClock(clock))
            fixture.outputsBeforeError = fixture.outputs.dropLast()
            fixture.keeps = 1
            fixture.barren = 0
            fixture.rich = .init(input: 108, outputs: Array(1001...1008))
            fixture.failing = -1
            fixture.isFailure = { [unowned stage] in $0 as? PlainFailure === stage.ownFailure }
            return fixture
        }
        return StageSuite(subject, options: KitOptions(randomOrders: 20))
    }
}
