import Foundation
import PenstockTesting
import Testing

@Suite("Random histories of random worlds")
struct SimulationTests {
    @Test("A fixed number of histories breaks no rule; PENSTOCK_SEED=<n> runs that one alone")
    func seeds() throws {
        if let text = ProcessInfo.processInfo.environment["PENSTOCK_SEED"], let seed = UInt64(text) {
            try Simulation().run(seeds: CollectionOfOne(seed))
        } else {
            try Simulation().run(seeds: 0..<12_000)
        }
    }

    @Test("The same seed gives the same history, and another seed another")
    func repeatable() {
        let simulation = Simulation()
        #expect(simulation.script(seed: 7) == simulation.script(seed: 7))
        #expect(simulation.script(seed: 7) != simulation.script(seed: 8))
        #expect(simulation.script(seed: 7).count == 80)
    }

    @Test("Each seed is told before its history")
    func announced() throws {
        var told: [UInt64] = []
        var simulation = Simulation()
        simulation.willRun = { told.append($0) }
        #expect(try simulation.run(seeds: 3..<6) == 240)
        #expect(told == [3, 4, 5])
    }

    @Test(
        "A mistake is found within 2000 seeds and shrunk to a few steps",
        arguments: FaultyConsumer.Fault.allCases.filter { $0 != .none }
    )
    func mutants(fault: FaultyConsumer.Fault) throws {
        let failure = try #require(throws: SimulationFailure.self) {
            try Self.simulation(of: fault).run(seeds: 0..<2000)
        }
        #expect(failure.script.count <= 10, "\(failure)")
        #expect(failure.description.contains("PENSTOCK_SEED"))
        // What is printed does it again.
        let again = try SimulationScript("\(failure.script)")
        let second = #expect(throws: SimulationFailure.self) { try again.run(subject: Self.subject(fault)) }
        #expect(second?.rule == failure.rule)
    }

    @Test("The same consumer without a mistake passes")
    func sound() throws {
        try Self.simulation(of: .none).run(seeds: 0..<500)
    }

    static func subject(_ fault: FaultyConsumer.Fault) -> SimulationSubject.Maker {
        { clock, marks in
            let consumer = FaultyConsumer(fault, marks: marks, clock: clock)
            return SimulationSubject(consumer, take: { [unowned consumer] in consumer.take() })
        }
    }

    static func simulation(of fault: FaultyConsumer.Fault) -> Simulation {
        Simulation(subject: subject(fault))
    }
}

/// Runs on as long as it is told: `PENSTOCK_SOAK=10 swift test -c release --filter SimulatorSoak` for ten minutes.
@Suite("Fresh seeds for as long as PENSTOCK_SOAK says, in minutes")
struct SimulatorSoakTests {
    @Test("No history breaks a rule")
    func soak() throws {
        let minutes = ProcessInfo.processInfo.environment["PENSTOCK_SOAK"].flatMap(Double.init) ?? 0
        let clock = ContinuousClock()
        let end = clock.now + .seconds(minutes * 60)
        if minutes > 0 { try ExplorationTests.explore(stage: 7, signals: 7) }
        var seed = UInt64.random(in: 0...UInt64(UInt32.max)) << 20
        var steps = 0
        repeat {
            steps += try Simulation().run(seeds: seed..<seed + 100)
            seed += 100
        } while clock.now < end
        if minutes > 0 { print("\(steps) steps, no rule broken") }
    }
}
