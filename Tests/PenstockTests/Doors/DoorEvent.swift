import Penstock
import PenstockTesting

/// What happens while elements pass through a door.
enum DoorEvent: String, CaseIterable, Sendable {
    case end = "the source comes to its end"
    case sourceFails = "the source fails"
    case sinkFails = "the sink fails"
    case sinkEnds = "the sink ends in order"
    case lost = "the transport is lost"
    case cancelled = "the task is cancelled"
    case deadline = "the deadline passes"
    case left = "the loop is left"
}

/// A way for `async` code to move elements, with what the end of it does to the sink.
enum Door: String, CaseIterable, Sendable {
    case sourceFinish = "A source flows, and finishes the sink"
    case sourceLeaveOpen = "A source flows, and leaves the sink open"
    case sequenceFinish = "A sequence flows, and finishes the sink"
    case asyncSequenceFinish = "An asynchronous sequence flows, and finishes the sink"
    case asyncSequenceLeaveOpen = "An asynchronous sequence flows, and leaves the sink open"
    case writer = "A task writes"
    case elements = "A task reads the elements of a source"

    var atEnd: EndPolicy {
        self == .sourceLeaveOpen || self == .asyncSequenceLeaveOpen ? .leaveOpen : .finish
    }

    /// The events that can happen to it.
    var events: [DoorEvent] {
        switch self {
        case .sourceFinish, .sourceLeaveOpen, .asyncSequenceFinish, .asyncSequenceLeaveOpen:
            [.end, .sourceFails, .sinkFails, .sinkEnds, .lost, .cancelled, .deadline]
        case .sequenceFinish: [.end, .sinkFails, .sinkEnds, .lost, .cancelled, .deadline]
        case .writer: [.end, .sourceFails, .sinkFails, .sinkEnds, .lost, .cancelled]
        case .elements: [.end, .sourceFails, .cancelled, .left]
        }
    }
}
