import Penstock
import PenstockTesting
import Testing

@Suite("B116: a clock that a test moves")
struct VirtualClockTests {
    let clock = VirtualClock()

    @Test("Time moves only when it is told to, and stops at every timer on the way")
    func stopsAtTimers() {
        var times: [Duration] = []
        clock.schedule(after: .seconds(2)) { [clock] in
            times.append(clock.now)
            clock.schedule(after: .seconds(3)) { times.append(clock.now) }
            clock.onLaterTurn { times.append(clock.now) }
        }
        clock.schedule(after: .seconds(9)) { times.append(.seconds(-1)) }
        clock.settle()
        #expect(clock.now == .zero && times == [])
        clock.advance(by: .seconds(8))
        #expect(times == [.seconds(2), .seconds(2), .seconds(5)])
        #expect(clock.now == .seconds(8))
        #expect(!clock.isIdle)
    }

    @Test("A timer exactly at the target runs; one called off does not")
    func exactly() {
        var ran: [Int] = []
        clock.schedule(after: .seconds(1)) { ran.append(1) }
        clock.schedule(after: .seconds(1)) { ran.append(2) }.cancel()
        clock.advance(by: .seconds(1))
        #expect(ran == [1])
        #expect(clock.isIdle)
    }

    @Test("A turn runs what was put off before it, and time stands still")
    func turns() {
        var ran = 0
        clock.onLaterTurn { [clock] in
            ran += 1
            clock.onLaterTurn { ran += 1 }
        }
        #expect(clock.runTurn())
        #expect(ran == 1)
        #expect(clock.settle())
        #expect(ran == 2)
        #expect(clock.now == .zero)
    }

    @Test("Work without end is given up after a number of turns")
    func givesUp() {
        func again() { clock.onLaterTurn { again() } }
        again()
        #expect(!clock.settle(turns: 5))
    }
}
