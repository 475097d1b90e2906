import Penstock
import PenstockTesting
import Synchronization
import Testing

@Suite("Bells")
struct BellBoardTests {
    /// Counts wake-ups, from anywhere.
    final class Wakes: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .acquiring) }
        func add() { count.add(1, ordering: .acquiringAndReleasing) }
    }

    @Test("However often bells ring, the domain is woken once, and each work runs once, in the order of the bells")
    func once() {
        let wakes = Wakes()
        let board = BellBoard(wake: { wakes.add() })
        var answered: [String] = []
        let first = board.makeBell { answered.append("first") }
        let second = board.makeBell { answered.append("second") }
        #expect(!board.isRung)
        for _ in 0..<3 {
            second.ring()
            first.ring()
        }
        #expect(wakes.value == 1)
        #expect(board.isRung)
        #expect(board.answer())
        #expect(answered == ["second", "first"])
        #expect(!board.answer())
        first.ring()
        #expect(wakes.value == 2)
    }

    @Test("A bell that rings while it is answered waits for the next answer")
    func ringsAgain() {
        let wakes = Wakes()
        let board = BellBoard(wake: { wakes.add() })
        var count = 0
        var ring: () -> Void = {}
        let bell = board.makeBell {
            count += 1
            ring()
        }
        ring = { [weak bell] in bell?.ring() }
        bell.ring()
        board.answer()
        #expect(count == 1)
        #expect(wakes.value == 2)
        board.answer()
        #expect(count == 2)
    }

    @Test("The work goes with its bell, and a bell outlives its board")
    func released() {
        final class Token {}
        var board: BellBoard? = BellBoard(wake: {})
        weak var token: Token?
        do {
            let strong = Token()
            token = strong
            var bell = board?.makeBell { _ = strong }
            bell?.ring()
            bell = nil
            board?.answer()
        }
        board?.answer()
        #expect(token == nil)
        let bell = board?.makeBell {}
        board = nil
        bell?.ring()
    }

    @Test("A manual scheduler says once that it wants to be turned, for bells and for later turns")
    func manual() {
        let wakes = Wakes()
        let scheduler = ManualScheduler(now: { .zero }, wake: { wakes.add() })
        let bell = scheduler.makeBell {}
        bell.ring()
        #expect(wakes.value == 1)
        #expect(!scheduler.isIdle)
        #expect(scheduler.nextDeadline == .zero)
        scheduler.runTurn()
        #expect(scheduler.isIdle)
        scheduler.onLaterTurn { scheduler.onLaterTurn {} }
        scheduler.onLaterTurn {}
        #expect(wakes.value == 2)
        scheduler.runTurn()
        #expect(wakes.value == 3)
        scheduler.runTurn()
        #expect(scheduler.isIdle)
        #expect(wakes.value == 3)
    }
}
