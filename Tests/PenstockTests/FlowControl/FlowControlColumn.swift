import Penstock

/// A column of the article: an event, and when it can happen.
enum FlowControlColumn: String, CaseIterable {
    case pushWithRoom = "push, room"
    case pushWithoutRoom = "push, no room"
    case pullAtLow = "pull, at low"
    case pullAboveLow = "pull, above low"
    case unregisterEmpty = "unregister, empty"
    case unregisterHeld = "unregister, held"
    case connected = "connected"
    case leave = "leave"
    case postpone = "postpone"
    case laterTurn = "later turn"
    case writeToLow = "write, to low"
    case writeAboveLow = "write, above low"
    case writeAboveHigh = "write, above high"
    case writeAboveLimit = "write, above limit"
    case writeEmpty = "write, empty"
    case drainAboveLow = "drain, above low"
    case drainToLow = "drain, to low"
    case drainToZero = "drain, to zero"
    case hold = "hold"
    case releaseAtLow = "release, at low"
    case releaseAboveLow = "release, above low"
    case raiseMarks = "raise marks"
    case lowerMarks = "lower marks"
    case finishEmpty = "finish, empty"
    case finishHeld = "finish, held"
    case failEmpty = "fail, empty"
    case failHeld = "fail, held"
    case end = "end"

    /// Whether the event can happen to this specimen.
    func fits(_ variant: FlowControlRow.Variant, _ specimen: FlowControlSpecimen) -> Bool {
        let flow = specimen.flow
        let (low, high) = (flow.marks.low, flow.marks.high)
        // Only `postpone` belongs to a signal that has just begun.
        guard variant.isBegun == (self == .postpone) else { return false }
        return switch self {
        case .pushWithRoom: flow.hasRoom
        case .pushWithoutRoom: !flow.hasRoom
        case .pullAtLow: flow.level <= low && flow.holds.isEmpty
        case .pullAboveLow: flow.level > low
        case .unregisterEmpty, .finishEmpty, .failEmpty: flow.level == 0
        case .unregisterHeld, .finishHeld, .failHeld: flow.level > 0
        case .connected: !specimen.isConnected
        case .leave, .postpone, .writeEmpty, .end: true
        case .laterTurn: specimen.isLaterDue
        case .writeToLow: flow.level < low
        case .writeAboveLow: flow.level < high
        case .writeAboveHigh: flow.level <= FlowControlSpecimen.limit
        case .writeAboveLimit: flow.level > FlowControlSpecimen.limit
        case .drainAboveLow: flow.level > low + 1
        case .drainToLow: flow.level > low
        case .drainToZero: flow.level > 0
        case .hold: true
        case .releaseAtLow: flow.level <= low && !flow.holds.isEmpty
        case .releaseAboveLow: flow.level > low && !flow.holds.isEmpty
        case .raiseMarks: flow.level <= 20
        case .lowerMarks: flow.level > 0
        }
    }

    /// Has the event happen.
    ///
    /// - Returns: What was to be done, in the words of the article.
    func happen(to specimen: inout FlowControlSpecimen) -> String {
        let level = specimen.flow.level
        let marks = specimen.flow.marks
        switch self {
        case .pushWithRoom, .pushWithoutRoom: return specimen.register(.push)
        case .pullAtLow, .pullAboveLow: return specimen.register(.pull)
        case .unregisterEmpty, .unregisterHeld: return specimen.carryOut(specimen.flow.unregister())
        case .connected:
            specimen.isConnected = true
            return specimen.carryOut(specimen.flow.connected())
        case .leave:
            if specimen.brackets == 0 { specimen.enter() }
            return specimen.leave()
        case .postpone: return specimen.carryOut(specimen.flow.postpone())
        case .laterTurn: return specimen.laterTurn()
        case .writeToLow: return specimen.write(1)
        case .writeAboveLow: return specimen.write(max(marks.low + 1 - level, 1))
        case .writeAboveHigh: return specimen.write(max(marks.high + 1 - level, 1))
        case .writeAboveLimit: return specimen.write(1)
        case .writeEmpty: return specimen.writeEmpty()
        case .drainAboveLow: return specimen.carryOut(specimen.flow.drain(weight: level - marks.low - 1))
        case .drainToLow: return specimen.carryOut(specimen.flow.drain(weight: level - marks.low))
        case .drainToZero: return specimen.carryOut(specimen.flow.drain(weight: level))
        case .hold: return specimen.carryOut(specimen.flow.hold("a new one"))
        case .releaseAtLow, .releaseAboveLow: return specimen.carryOut(specimen.flow.release(.owner))
        case .raiseMarks: return specimen.carryOut(specimen.flow.setMarks(Watermarks(low: 20, high: 40)))
        case .lowerMarks: return specimen.carryOut(specimen.flow.setMarks(Watermarks(low: 0, high: 0)))
        case .finishEmpty, .finishHeld: return specimen.carryOut(specimen.flow.finish())
        case .failEmpty, .failHeld: return specimen.carryOut(specimen.flow.fail())
        case .end: return specimen.carryOut(specimen.flow.end())
        }
    }
}
