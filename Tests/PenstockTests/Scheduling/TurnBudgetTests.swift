import Penstock
import Testing

@Suite("C5.5: what all streams of a loop may do in a turn")
struct TurnBudgetTests {
    /// A clock that moves when the test says so, and counts how often it is read.
    final class Hands {
        var time = Duration.zero
        private(set) var reads = 0

        func read() -> Duration {
            reads += 1
            return time
        }
    }

    let hands = Hands()
    let budget: TurnBudget
    let scheduler: ManualScheduler

    init() {
        budget = TurnBudget(now: { [hands] in hands.read() })
        scheduler = ManualScheduler(now: { [hands] in hands.time })
    }

    /// Takes steps until the budget ends the turn; answers how many it were.
    func takeSteps(_ share: inout TurnBudget.Share, each duration: Duration, atMost most: Int = 100_000) -> Int {
        var steps = 0
        while steps < most, budget.admits(&share) {
            steps += 1
            hands.time += duration
        }
        return steps
    }

    @Test("A stream that has used its share waits for the next turn; a new one gets a step in any turn")
    func share() {
        var first = TurnBudget.Share()
        var second = TurnBudget.Share()
        #expect(budget.admits(&first))
        // A step that writes nothing has cost one.
        first.pending = budget.weightPerTurn - 2
        #expect(budget.admits(&first))
        first.pending = 1
        #expect(!budget.admits(&first))
        #expect(budget.admits(&second))
        budget.begin()
        #expect(budget.admits(&first))
    }

    @Test("However many streams are active, each gets the least share")
    func leastShare() {
        var shares = Array(repeating: TurnBudget.Share(), count: 1_000)
        for index in shares.indices { #expect(budget.admits(&shares[index])) }
        budget.begin()
        for index in shares.indices {
            #expect(budget.admits(&shares[index]))
            shares[index].pending = budget.leastShare - 1
            #expect(budget.admits(&shares[index]))
            shares[index].pending = 1
            #expect(!budget.admits(&shares[index]))
        }
    }

    @Test("Slow steps keep to the time of a turn and one step", arguments: [40, 300, 500, 900, 1_500, 15_000])
    func slowSteps(microseconds: Int) {
        let step = Duration.microseconds(microseconds)
        var share = TurnBudget.Share()
        for _ in 0..<5 {
            budget.begin()
            let before = hands.time
            let steps = takeSteps(&share, each: step)
            #expect(hands.time - before < budget.timePerTurn + step)
            #expect(step * steps >= budget.timePerTurn)
        }
    }

    @Test("Steps that become slow within a turn are noticed after 32, and from the next turn on at once")
    func stepsBecomeSlow() {
        let step = Duration.microseconds(500)
        var share = TurnBudget.Share()
        #expect(takeSteps(&share, each: .nanoseconds(50), atMost: 1_000) == 1_000)
        #expect(takeSteps(&share, each: step) <= 32)
        budget.begin()
        #expect(takeSteps(&share, each: step) == 2)
        // What was learned in one turn is not believed in the next.
        budget.begin()
        #expect(takeSteps(&share, each: .nanoseconds(50), atMost: 1_000) == 1_000)
        budget.begin()
        #expect(takeSteps(&share, each: .nanoseconds(50), atMost: 2) == 2)
        #expect(takeSteps(&share, each: step) == 2)
    }

    @Test("Quick steps read the clock once in 32, and end with the turn")
    func quickSteps() {
        var share = TurnBudget.Share()
        budget.begin()
        let steps = takeSteps(&share, each: .nanoseconds(50))
        #expect(steps >= 20_000 && steps <= 20_000 + 32)
        #expect(hands.reads <= steps / 32 + 8)
    }

    @Test("Once the time is up, it is up for all streams that have had their step")
    func timeIsUpForAll() {
        var shares = Array(repeating: TurnBudget.Share(), count: 40)
        for index in shares.indices { #expect(budget.admits(&shares[index])) }
        hands.time = budget.timePerTurn
        // The clock is not read with every step.
        let refusal = shares.indices.first { !budget.admits(&shares[$0]) }
        #expect(refusal != nil && refusal ?? 0 < 32)
        let reads = hands.reads
        for index in shares.indices.dropFirst(refusal ?? 0) { #expect(!budget.admits(&shares[index])) }
        #expect(hands.reads == reads)
        var newcomer = TurnBudget.Share()
        #expect(budget.admits(&newcomer))
    }

    @Test("The time of a turn counts from its first step, not from an idle moment before")
    func idleBeforeFirstStep() {
        var share = TurnBudget.Share()
        budget.begin()
        hands.time += .milliseconds(5)
        #expect(takeSteps(&share, each: .microseconds(300)) == 4)
    }

    @Test("C5.3: after a long silence a turn begins by itself, but a step that takes as long does not go on for ever")
    func silence() {
        var share = TurnBudget.Share()
        #expect(budget.admits(&share))
        let turn = budget.number
        hands.time += .seconds(1)
        #expect(budget.admits(&share))
        #expect(budget.number != turn)
        hands.time += .microseconds(900)
        #expect(budget.admits(&share))
        hands.time += .microseconds(100)
        #expect(!budget.admits(&share))

        budget.begin()
        #expect(takeSteps(&share, each: .seconds(1)) == 2)
    }

    @Test("C5.3: a late answer after a silence is followed by its question at once")
    func lateAnswer() throws {
        let null = NullConsumer<Int>(weight: { _ in 1 }, scheduler: scheduler)
        let puller = ScriptedPuller()
        try null.registerProducer(puller)
        null.write(1)
        #expect(puller.questions == 2)
        hands.time += .seconds(1)
        null.write(2)
        #expect(puller.questions == 3)
    }

    @Test("A pull producer whose answers take long holds a turn for its time and one answer", arguments: [300, 500])
    func slowProducer(microseconds: Int) throws {
        let step = Duration.microseconds(microseconds)
        let null = NullConsumer<Int>(weight: { _ in 1 }, scheduler: scheduler)
        let puller = ScriptedPuller()
        puller.onAsk = { [hands] in
            hands.time += step
            null.write($0)
        }
        try null.registerProducer(puller)
        for _ in 0..<10 {
            let before = hands.time
            scheduler.runTurn()
            #expect(hands.time - before < scheduler.turn.timePerTurn + step)
            #expect(hands.time - before >= scheduler.turn.timePerTurn)
        }
    }
}
