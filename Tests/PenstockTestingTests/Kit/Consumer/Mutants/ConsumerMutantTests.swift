import Penstock
import PenstockTesting
import Testing

@Suite struct ConsumerMutantTests {
    /// The reference, which is connecting when it is made, with a defect or without.
    static func suite(_ mutation: ConsumerMutation?) -> ConsumerSuite<Parcel> {
        ConsumerSuite("plain queue", options: KitOptions(randomOrders: 25, recursions: 2_000)) { marks in
            let clock = VirtualClock()
            let queue = PlainQueue(mutation, marks: marks, scheduler: clock)
            let drain = { (weight: Int) in
                var taken = 0
                while taken < weight, let parcel = queue.take() { taken += parcel.weight }
                return taken
            }
            var subject = ConsumerUnderTest<Parcel>(
                queue,
                clock: TrialClock(clock),
                element: { Parcel(weight: $0, number: $1) },
                content: { [$0.number] },
                output: { queue.taken.map(\.number) },
                draining: .exact { drain($0) }
            )
            subject.empty = { Parcel(weight: 0, number: -1) }
            subject.takeAtOnce = { drain(queue.held.map(\.weight).reduce(0, +)) }
            subject.limit = queue.limit
            subject.hold = { queue.hold($0) }
            subject.release = { queue.release($0) }
            subject.setMarks = { queue.setMarks($0) }
            subject.connect = { queue.connect() }
            subject.lose = { queue.lose() }
            subject.finishWithin = { queue.finish(within: $0) }
            subject.observeEnd = { queue.onEnd = $0 }
            subject.observeIgnoredEnd = { queue.onIgnoredEnd = $0 }
            return subject
        }
    }

    @Test("The reference keeps every rule, and every rule applies to it", arguments: ConsumerSuite<Parcel>.rules)
    func reference(_ rule: ContractRule) async throws {
        switch await Self.suite(nil).verdict(on: rule) {
        case .kept: break
        case .broken(let breaches): for breach in breaches { Issue.record(breach) }
        case .notApplicable(let reason): Issue.record("not applicable: \(reason)")
        }
    }

    @Test("Every mutant is caught by its rule", arguments: ConsumerMutation.allCases)
    func mutant(_ mutation: ConsumerMutation) async {
        let verdict = await Self.suite(mutation).verdict(on: mutation.rule)
        #expect(verdict.isBroken, "\(mutation) was not caught by \(mutation.rule)")
    }

    @Test("Every rule has a mutant")
    func everyRule() {
        #expect(Set(ConsumerSuite<Parcel>.rules) == Set(ConsumerMutation.allCases.map(\.rule)))
    }

    @Test("A consumer that drops everything is caught by many rules")
    func droppingEverything() async {
        let report = await Self.suite(.dropsEverything).run()
        #expect(report.lines.filter(\.verdict.isBroken).count >= 35, "\(report)")
    }
}
