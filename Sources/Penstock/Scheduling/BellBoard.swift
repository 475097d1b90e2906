import Synchronization

/// The bells of an isolation domain, kept by its scheduler: which have rung, and the work that each calls for.
///
/// A scheduler of your own holds one, makes its bells with ``makeBell(_:)``, and calls ``answer()`` in its domain after it
/// has been woken. The domain is woken once for all bells that ring before they are answered.
public final class BellBoard {
    /// What those who ring can reach.
    private final class Line: Sendable {
        struct State {
            var rung: [(bell: Bell, number: UInt64)] = []
            var gone: [UInt64] = []
            var isOpen = true
        }

        let state = Mutex(State())
        let wake: @Sendable () -> Void

        init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

        func ring(_ bell: Bell, _ number: UInt64) {
            let isFirst = state.withLock { state in
                guard state.isOpen else { return false }
                state.rung.append((bell, number))
                return state.rung.count == 1
            }
            if isFirst { wake() }
        }

        func forget(_ number: UInt64) {
            state.withLock { if $0.isOpen { $0.gone.append(number) } }
        }
    }

    private let line: Line
    private var work: [UInt64: () -> Void] = [:]
    private var numbers: UInt64 = 0

    /// Creates a board without bells.
    ///
    /// - Parameter wake: Sees to it that ``answer()`` is called in the domain, soon. It may be called on any thread, and must
    ///   not call `answer()` itself.
    public init(wake: @escaping @Sendable () -> Void) {
        line = Line(wake: wake)
    }

    deinit {
        // A bell that is rung keeps itself in the list, and nobody answers any more.
        let rung = line.state.withLock { state in
            defer { state = .init(isOpen: false) }
            return state.rung
        }
        for (bell, _) in rung { bell.answered() }
    }

    /// Hangs up a bell for this work, which is kept until the bell is gone.
    public func makeBell(_ work: @escaping () -> Void) -> Bell {
        forgetGone()
        numbers += 1
        let number = numbers
        self.work[number] = work
        return Bell(
            onRing: { [line] bell in line.ring(bell, number) },
            onGone: { [line] in line.forget(number) }
        )
    }

    /// Whether a bell has rung and not been answered.
    public var isRung: Bool {
        guard !work.isEmpty else { return false }
        return line.state.withLock { !$0.rung.isEmpty }
    }

    /// Runs the work of every bell that has rung, in their order; one that rings meanwhile waits for the next answer.
    ///
    /// - Returns: Whether a bell had rung.
    @discardableResult
    public func answer() -> Bool {
        // Without a bell nobody can have rung, and no lock is needed.
        guard !work.isEmpty else { return false }
        let rung = line.state.withLock { state in
            defer { state.rung = [] }
            return state.rung
        }
        for (bell, number) in rung {
            bell.answered()
            work[number]?()
        }
        forgetGone()
        return !rung.isEmpty
    }

    private func forgetGone() {
        guard !work.isEmpty else { return }
        let gone = line.state.withLock { state in
            defer { state.gone = [] }
            return state.gone
        }
        for number in gone { work[number] = nil }
    }
}

@available(*, unavailable)
extension BellBoard: Sendable {}
