import Penstock
import PenstockTesting

/// A deliberate defect of a ``PlainSplitter`` or of a ``PlainMerger``, which C8.4 must catch.
enum BranchMutation: String, CaseIterable, Sendable {
    // Several consumers.
    case forgetsTheOthers, othersGetLess, quickestSetsThePace
    case waitsForTheLaggard, lagsTooMuch, missesUncounted, laggardEndsInOrder
    case leavingEndsAll, leavingIsIgnored
    // Several producers.
    case firstProducerFirst, mixesUpProducers, losesOneOfMany, firstEndEndsAll

    /// The rule that must catch it.
    var rule: ContractRule { .c8_4 }

    /// The stages that can have it.
    var stages: [BranchedStage] {
        switch self {
        case .forgetsTheOthers, .othersGetLess: [.slowest, .slowestAll, .lagMisses, .lagEnds]
        case .quickestSetsThePace: [.slowest]
        case .waitsForTheLaggard: [.lagMisses, .lagEnds]
        case .lagsTooMuch, .missesUncounted: [.lagMisses]
        case .laggardEndsInOrder: [.lagEnds]
        case .leavingEndsAll: [.slowest]
        case .leavingIsIgnored: [.slowestAll]
        case .firstProducerFirst, .mixesUpProducers, .losesOneOfMany, .firstEndEndsAll: [.merger]
        }
    }
}

/// A stage with several consumers or producers, and what it states about them.
enum BranchedStage: String, CaseIterable, Sendable {
    case slowest, slowestAll, lagMisses, lagEnds, merger

    func subject(_ mutation: BranchMutation?) -> StageUnderTest<Int, Int> {
        StageUnderTest(rawValue) {
            let clock = VirtualClock()
            switch self {
            case .slowest: return Self.split(.slowest, .othersGoOn, mutation, clock)
            case .slowestAll: return Self.split(.slowest, .endsAll, mutation, clock)
            case .lagMisses: return Self.split(.lag(4, .misses), .othersGoOn, mutation, clock)
            case .lagEnds: return Self.split(.lag(4, .ends), .othersGoOn, mutation, clock)
            case .merger: return Self.merge(mutation, clock)
            }
        }
    }

    private static func split(
        _ pace: StageBranches<Int>.Pace,
        _ departure: StageBranches<Int>.Departure,
        _ mutation: BranchMutation?,
        _ clock: VirtualClock
    ) -> StageFixture<Int, Int> {
        let stage = PlainSplitter(pace, departure, mutation: mutation, scheduler: clock)
        let inputs = Array(1...12)
        var fixture = StageFixture(
            object: stage,
            consumer: stage,
            inputs: inputs,
            outputs: inputs,
            clock: TrialClock(clock),
            begins: { $0.starts(with: $1) },
            attach: { (consumer, _, done) throws(RegistrationError) in try stage.attach(to: consumer, done: done) }
        )
        var branches = StageBranches<Int>(pace: pace, departure: departure) { (consumer) throws(RegistrationError) in
            try stage.attach(to: consumer)
        }
        branches.missed = { stage.missed }
        fixture.branches = branches
        return fixture
    }

    private static func merge(_ mutation: BranchMutation?, _ clock: VirtualClock) -> StageFixture<Int, Int> {
        let merger = PlainMerger(mutation: mutation, scheduler: clock)
        let inputs = Array(1...12)
        var fixture = StageFixture(
            object: merger,
            consumer: merger.inlets[0],
            inputs: inputs,
            outputs: inputs,
            clock: TrialClock(clock),
            begins: { $0.starts(with: $1) },
            attach: { (consumer, _, done) throws(RegistrationError) in try merger.attach(to: consumer, done: done) }
        )
        fixture.inlets = StageInlets(
            second: merger.inlets[1],
            inputs: Array(101...112),
            mostInARow: 1,
            isOfSecond: { $0 > 100 }
        )
        return fixture
    }
}
