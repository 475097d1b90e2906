import Penstock

/// A row of the article: a state, and every way in which it can come about.
enum FlowControlRow: String, CaseIterable {
    case noneConnecting = "none, connecting"
    case noneOpen = "none, open"
    case runningConnecting = "running, connecting"
    case runningOpen = "running, open"
    case runningFinishing = "running, finishing"
    case pausedConnecting = "paused, connecting"
    case pausedOpen = "paused, open"
    case pausedFinishing = "paused, finishing"
    case waitingConnecting = "waiting, connecting"
    case waitingOpen = "waiting, open"
    case waitingFinishing = "waiting, finishing"
    case askedOpen = "asked, open"
    case askedFinishing = "asked, finishing"
    case drainingConnecting = "draining, connecting"
    case drainingHeld = "draining, held"
    case drainingEmpty = "draining, empty"
    case ended = "ended"
    case resumeDueSignalOpen = "resume due, signal open"
    case questionDueSignalOpen = "question due, signal open"
    case noneLaterTurn = "none, later turn"
    case pauseDueLaterTurn = "pause due, later turn"
    case resumeDueLaterTurn = "resume due, later turn"
    case questionDueLaterTurn = "question due, later turn"

    /// What may differ between two specimens of the same state.
    struct Variant {
        var isConnected = true
        var isHeld = false
        /// The marks were higher when the state came about.
        var isLowered = false
        /// A later turn was asked for earlier, and nothing waits for it any more.
        var isLaterDue = false
        var level = 0
        /// The signal that leads to the state has begun and not returned.
        var isBegun = false

        /// All of them, the plainest first.
        static let all: [Variant] = {
            let flags = [false, true]
            var all: [Variant] = []
            for isConnected in [true, false] {
                for isHeld in flags {
                    for isLowered in flags {
                        for isLaterDue in flags {
                            for level in [0, 1, 2, 3, 4, 6, 12] {
                                all.append(
                                    Variant(
                                        isConnected: isConnected,
                                        isHeld: isHeld,
                                        isLowered: isLowered,
                                        isLaterDue: isLaterDue,
                                        level: level
                                    )
                                )
                            }
                        }
                    }
                }
            }
            return all + [Variant(level: 0, isBegun: true), Variant(isConnected: false, level: 0, isBegun: true)]
        }()
    }

    /// All specimens of this state, the plainest first.
    var specimens: [(variant: Variant, specimen: FlowControlSpecimen)] {
        Variant.all.compactMap { variant in
            guard let specimen = specimen(variant), specimen.name == rawValue else { return nil }
            // The moments between two calls are shown for the phase open; the others differ only in its name.
            guard !isMoment || specimen.flow.phase == .open else { return nil }
            guard specimen.flow.level == variant.level, specimen.flow.holds.isEmpty != variant.isHeld else {
                return nil
            }
            return (variant, specimen)
        }
    }

    private var isMoment: Bool {
        switch self {
        case .resumeDueSignalOpen, .questionDueSignalOpen, .noneLaterTurn: true
        case .pauseDueLaterTurn, .resumeDueLaterTurn, .questionDueLaterTurn: true
        default: false
        }
    }

    private var kind: FlowControl.Kind {
        switch self {
        case .noneConnecting, .noneOpen, .noneLaterTurn: .none
        case .drainingConnecting, .drainingHeld, .drainingEmpty, .ended: .none
        case .waitingConnecting, .waitingOpen, .waitingFinishing, .askedOpen, .askedFinishing: .pull
        case .questionDueSignalOpen, .questionDueLaterTurn: .pull
        default: .push
        }
    }

    /// Brings a fresh state machine into this state, or into another one if the variant does not fit.
    private func specimen(_ variant: Variant) -> FlowControlSpecimen? {
        var specimen = FlowControlSpecimen(isConnected: variant.isConnected)
        if variant.isLowered { specimen.carryOut(specimen.flow.setMarks(Watermarks(low: 20, high: 40))) }
        specimen.flow.limit = nil
        if variant.isLaterDue || self == .noneLaterTurn { specimen.asksForLaterTurn() }
        if variant.isBegun {
            guard begin(&specimen) else { return nil }
        } else {
            develop(&specimen, variant)
        }
        specimen.flow.limit = FlowControlSpecimen.limit
        return specimen
    }

    private func develop(_ specimen: inout FlowControlSpecimen, _ variant: Variant) {
        let level = variant.level
        switch self {
        case .resumeDueSignalOpen, .questionDueSignalOpen, .resumeDueLaterTurn:
            specimen.enter()
            _ = specimen.register(kind)
            raiseAndDrain(&specimen, to: level)
            if self == .resumeDueLaterTurn { _ = specimen.leave() }
        case .questionDueLaterTurn:
            if level > 0 { _ = specimen.write(level) }
            _ = specimen.register(.pull)
            _ = specimen.writeEmpty()
        case .pauseDueLaterTurn:
            if level > 0 { _ = specimen.write(level) }
            if variant.isHeld { specimen.carryOut(specimen.flow.hold(.owner)) }
            for _ in 0..<64 { specimen.enter() }
            _ = specimen.register(.push)
            for _ in 0..<64 { _ = specimen.leave() }
        case .pausedConnecting, .pausedOpen, .pausedFinishing:
            _ = specimen.register(.push)
            if variant.isHeld { specimen.carryOut(specimen.flow.hold(.owner)) }
            raiseAndDrain(&specimen, to: level)
        case .runningConnecting, .runningOpen, .runningFinishing:
            _ = specimen.register(.push)
            if level > 0 { _ = specimen.write(level) }
        default:
            if level > 0 { _ = specimen.write(level) }
            // A hold that comes before the registration keeps the question back, one that comes after does not.
            let isAsked = self == .askedOpen || self == .askedFinishing
            if variant.isHeld, !isAsked { specimen.carryOut(specimen.flow.hold(.owner)) }
            if kind != .none { _ = specimen.register(kind) }
            if variant.isHeld, isAsked { specimen.carryOut(specimen.flow.hold(.owner)) }
        }
        if variant.isLowered { specimen.carryOut(specimen.flow.setMarks(FlowControlSpecimen.marks)) }
        switch self {
        case .runningFinishing, .pausedFinishing, .waitingFinishing, .askedFinishing: end(&specimen, gracefully: true)
        case .drainingConnecting, .drainingHeld, .drainingEmpty: end(&specimen, gracefully: true)
        case .ended: end(&specimen, gracefully: false)
        default: break
        }
    }

    /// The resume or the question that leads to the state has just begun.
    private func begin(_ specimen: inout FlowControlSpecimen) -> Bool {
        let action: FlowControl.Action?
        switch self {
        case .runningConnecting, .runningOpen, .runningFinishing:
            _ = specimen.register(.push)
            _ = specimen.write(5)
            if self == .runningFinishing { end(&specimen, gracefully: true) }
            action = specimen.flow.drain(weight: 5)
            guard action == .resume else { return false }
        case .askedOpen, .askedFinishing:
            specimen.carryOut(specimen.flow.hold(.owner))
            _ = specimen.register(.pull)
            if self == .askedFinishing { end(&specimen, gracefully: true) }
            specimen.carryOut(specimen.flow.hold("another"))
            specimen.carryOut(specimen.flow.release(.owner))
            action = specimen.flow.release("another")
            guard action == .ask else { return false }
        default: return false
        }
        return true
    }

    private func raiseAndDrain(_ specimen: inout FlowControlSpecimen, to level: Int) {
        let top = max(level, specimen.flow.marks.high + 1)
        _ = specimen.write(top)
        if top > level { specimen.carryOut(specimen.flow.drain(weight: top - level)) }
    }

    private func end(_ specimen: inout FlowControlSpecimen, gracefully: Bool) {
        specimen.carryOut(gracefully ? specimen.flow.finish() : specimen.flow.end())
    }
}
