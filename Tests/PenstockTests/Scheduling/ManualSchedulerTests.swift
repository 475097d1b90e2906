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
}
