import Penstock
import PenstockTesting
import Testing

/// C9.4, systematically.
@Suite("Cancelled at every step, nothing hangs and nothing is left behind")
struct CancellationTests {
    private struct Attempt {
        var cameToItsEnd: Bool
        var problem: String?
    }

    /// What would still be there.
    private final class Remains {
        weak var run: DoorRun?
        weak var source: NumberSource?
        weak var sink: Buffer<Int>?
        weak var task: Witness?
    }

    /// Lives as long as the task.
    private final class Witness {}

    @Test("Every door", arguments: Door.allCases)
    func everyStep(door: Door) async {
        var cancelledAt = 0
        while true {
            let step = cancelledAt
            let attempt = await SteppedDomain().run { domain in
                let remains = Remains()
                var attempt = await Self.run(door, cancelledAt: step, domain, remains)
                domain.settle()
                if remains.run != nil { attempt.problem = "the run is still there" }
                if remains.source != nil { attempt.problem = "the source is still there" }
                if remains.sink != nil { attempt.problem = "the sink is still there" }
                if remains.task != nil { attempt.problem = "the task is still there" }
                if !domain.clock.isIdle { attempt.problem = "something is still due" }
                return attempt
            }
            #expect(attempt.problem == nil, "cancelled after \(step) steps")
            if attempt.cameToItsEnd { break }
            cancelledAt += 1
            if cancelledAt > 100 {
                Issue.record("it has no end")
                break
            }
        }
        #expect(cancelledAt >= 2, "there was nothing to cancel")
    }

    private static func run(
        _ door: Door,
        cancelledAt step: Int,
        _ domain: isolated SteppedDomain,
        _ remains: Remains
    ) async -> Attempt {
        let hasDeadline = door != .elements && door != .writer
        let run = DoorRun(door, hasDeadline ? .deadline : .end, isLate: true, clock: domain.clock)
        remains.run = run
        remains.source = run.source
        remains.sink = run.sink
        let task = Task { [witness = Witness()] in
            _ = domain
            remains.task = witness
            await run.move()
        }
        var isCancelled = false
        while run.told == nil {
            if domain.steps == step, !isCancelled {
                isCancelled = true
                task.cancel()
            }
            if domain.step() || domain.clock.runTurn() || run.take() { continue }
            return Attempt(cameToItsEnd: true, problem: "it hangs")
        }
        domain.settle()
        await task.value
        var attempt = Attempt(cameToItsEnd: !isCancelled)
        if door != .elements, run.sink.snapshot.kind != .none { attempt.problem = "a producer is still registered" }
        if isCancelled, run.told?.contains("cancel") == false, run.told?.contains("Cancel") == false,
            run.told?.hasPrefix("returns after 6") == false, run.told != "ends"
        {
            attempt.problem = "the task was told: \(run.told ?? "")"
        }
        return attempt
    }
}
