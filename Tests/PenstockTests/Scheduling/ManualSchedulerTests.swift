import Penstock
import Testing

@Suite("A scheduler that is turned by hand")
struct ManualSchedulerTests {
    final class Hands { var time = Duration.zero }
    let hands = Hands()
    let scheduler: ManualScheduler

    init() { scheduler = ManualScheduler(now: { [hands] in hands.time }) }

    @Test("Work runs on the next turn, in order; what it puts off waits for the one after")
    func turns() {
        var order: [Int] = []
        scheduler.onLaterTurn { [scheduler] in
            order.append(1)
            scheduler.onLaterTurn { order.append(3) }
        }
        scheduler.onLaterTurn { order.append(2) }
        #expect(order == [])
        #expect(scheduler.runTurn())
        #expect(order == [1, 2])
        #expect(!scheduler.isIdle)
        #expect(scheduler.runTurn())
        #expect(order == [1, 2, 3])
        #expect(!scheduler.runTurn())
        #expect(scheduler.isIdle)
    }

    @Test("Timers run when they are due, by deadline and then by age; called off they do not")
    func timers() {
        var order: [String] = []
        scheduler.schedule(after: .seconds(2)) { order.append("two") }
        scheduler.schedule(after: .seconds(1)) { order.append("one") }
        scheduler.schedule(after: .seconds(1)) { order.append("one, later") }
        let calledOff = scheduler.schedule(after: .seconds(1)) { order.append("never") }
        #expect(scheduler.nextDeadline == .seconds(1))
        #expect(calledOff.isPending)
        calledOff.cancel()
        calledOff.cancel()
        #expect(!calledOff.isPending)
        #expect(!scheduler.runTurn())
        hands.time = .seconds(1)
        scheduler.runTurn()
        #expect(order == ["one", "one, later"])
        hands.time = .seconds(5)
        scheduler.runTurn()
        #expect(order == ["one", "one, later", "two"])
        #expect(scheduler.nextDeadline == nil)
    }

    @Test("A timer that sets itself again with no delay runs once a turn, and does not hold it")
    func timerWithoutDelay() {
        var runs = 0
        func again() {
            runs += 1
            if runs < 1_000 { scheduler.schedule(after: .zero) { again() } }
        }
        scheduler.schedule(after: .zero) { again() }
        scheduler.runTurn()
        #expect(runs == 1)
        scheduler.runTurn()
        #expect(runs == 2)
    }

    @Test("A stream without end does not hold whoever turns")
    func givesUp() {
        func again() { scheduler.onLaterTurn { again() } }
        again()
        #expect(!scheduler.runUntilIdle(turns: 10))
        #expect(scheduler.nextDeadline == .zero)
    }

    @Test("C5.5: a stream that has used its share waits for the next turn; a new one gets a step in any turn")
    func budget() {
        let budget = scheduler.turn
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

    @Test("C5.5: however many streams are active, each gets the least share")
    func leastShare() {
        let budget = scheduler.turn
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

    @Test("C5.5: the time of a turn is limited too")
    func time() {
        let budget = scheduler.turn
        var share = TurnBudget.Share()
        budget.begin()
        hands.time = budget.timePerTurn
        // The clock is read every few steps only.
        let steps = (0..<100).prefix { _ in budget.admits(&share) }.count
        #expect(steps < 64)
    }
}
