import Penstock
import PenstockTesting
import Testing

@Suite("A domain whose tasks make steps")
struct SteppedDomainTests {
    @Test("A task makes a step when it is told to, and only then")
    func steps() async throws {
        try await SteppedDomain().run { domain in
            let buffer = Buffer<Int>(marks: .bytes, weight: { _ in 1 }, scheduler: domain.clock)
            let trace = Recorder()
            let task = Task {
                _ = domain
                trace.record("begin")
                for try await number in buffer.elements { trace.record("\(number)") }
                trace.record("end")
            }
            #expect(trace.calls == [])
            domain.step()
            #expect(trace.calls == ["begin"])
            buffer.write(1)
            #expect(trace.calls == ["begin"])
            domain.step()
            #expect(trace.calls == ["begin", "1"])
            let hasMore = domain.step()
            #expect(!hasMore)
            buffer.write(2)
            buffer.finish()
            domain.settle()
            #expect(trace.calls == ["begin", "1", "2", "end"])
            let steps = domain.steps
            #expect(steps == 3)
            try await task.value
        }
    }

    @Test("Settling does what a turn puts off, and gives up on what has no end")
    func settling() async {
        await SteppedDomain().run { domain in
            let trace = Recorder()
            domain.clock.onLaterTurn { domain.clock.onLaterTurn { trace.record("turn") } }
            let isSettled = domain.settle()
            #expect(isSettled)
            #expect(trace.calls == ["turn"])
            let endless = Endless(domain.clock)
            let hadAnEnd = domain.settle(rounds: 100)
            #expect(!hadAnEnd)
            endless.goesOn = false
            let hasAnEnd = domain.settle()
            #expect(hasAnEnd)
        }
    }

    @Test("The time moves as far as it is told")
    func time() async {
        await SteppedDomain().run { domain in
            let trace = Recorder()
            domain.clock.schedule(after: .seconds(3)) { trace.record("three") }
            domain.advance(by: .seconds(2))
            #expect(trace.calls == [])
            domain.advance(by: .seconds(1))
            #expect(trace.calls == ["three"])
        }
    }
}

/// Puts itself off to the next turn again and again.
private final class Endless {
    var goesOn = true
    private let clock: VirtualClock

    init(_ clock: VirtualClock) {
        self.clock = clock
        goOn()
    }

    private func goOn() {
        if goesOn { clock.onLaterTurn(goOn) }
    }
}
