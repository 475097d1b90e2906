import Penstock
import PenstockTesting

/// A task that moves six numbers through a door, between a source and a sink of which a test has hold.
final class DoorRun {
    let door: Door
    let event: DoorEvent
    let source: NumberSource
    let sink: Buffer<Int>
    /// What the task was told at its end.
    private(set) var told: String?
    /// How many elements came out.
    var read = 0

    private let isLate: Bool

    /// - Parameter isLate: Whether the source lets those who want its elements wait.
    init(_ door: Door, _ event: DoorEvent, isLate: Bool = false, clock: VirtualClock) {
        self.isLate = isLate
        self.door = door
        self.event = event
        let fails = event == .sourceFails
        source = NumberSource(fails ? 4 : 6, fails: fails, isLate: isLate, scheduler: clock)
        sink = Buffer(marks: Watermarks(low: 1, high: 2), weight: { _ in 1 }, scheduler: clock, name: "sink")
    }

    /// What the task does.
    func move() async {
        do {
            switch door {
            case .sourceFinish, .sourceLeaveOpen:
                told = returned(try await source.flow(into: sink, atEnd: door.atEnd, deadline: deadline))
            case .sequenceFinish:
                told = returned(try await (1...6).flow(into: sink, deadline: deadline))
            case .asyncSequenceFinish, .asyncSequenceLeaveOpen:
                guard !isLate else {
                    let elements = try source.elements(marks: sink.marks, weight: { _ in 1 }, scheduler: sink.scheduler)
                    told = returned(try await elements.flow(into: sink, atEnd: door.atEnd, deadline: deadline))
                    return
                }
                let fails = event == .sourceFails
                let numbers = AsyncNumbers(count: fails ? 4 : 6, fails: fails)
                told = returned(try await numbers.flow(into: sink, atEnd: door.atEnd, deadline: deadline))
            case .writer:
                try await write()
            case .elements:
                try await readElements()
            }
        } catch let error as FlowError {
            told = "throws \(text(error.end)) after \(error.summary.elements)"
        } catch let error as DeliveryError {
            told = "throws \(text(error.end))"
        } catch let reason as EndReason {
            told = "throws \(text(reason))"
        } catch {
            told = "throws \(error)"
        }
    }

    /// Takes an element on the other side.
    func take() -> Bool {
        guard door != .elements, sink.take() != nil else { return false }
        read += 1
        return true
    }

    /// What the sink is told, or that it is open.
    var sinkEnd: String {
        if door == .elements { return "–" }
        guard let end = sink.end else { return sink.snapshot.kind == .none ? "open, without a producer" : "open" }
        return text(end)
    }

    var sourceEnd: String {
        source.stops.isEmpty ? "–" : source.stops.map { "stop: \(text($0))" }.joined(separator: ", ")
    }

    private var deadline: Duration? { event == .deadline ? .seconds(5) : nil }

    private func write() async throws {
        let writer = try AsyncWriter(sink)
        for number in 1...6 {
            guard event != .sourceFails || number < 5 else {
                writer.fail(TestFailure())
                told = "–"
                return
            }
            try await writer.write(number)
        }
        let delivery = try await writer.finish()
        told = "returns after \(delivery.accepted.elements)"
    }

    private func readElements() async throws {
        let marks = Watermarks(low: 1, high: 2)
        for try await _ in try source.elements(marks: marks, weight: { _ in 1 }, scheduler: sink.scheduler) {
            read += 1
            if read == 2, event == .left { break }
            if read == 2, event == .cancelled { withUnsafeCurrentTask { $0?.cancel() } }
        }
        told = "ends"
    }

    private func returned(_ summary: FlowSummary) -> String { "returns after \(summary.elements)" }

    private func text(_ end: EndReason) -> String {
        guard let error = end.error else { return "\(end.code)" }
        return "\(end.code)" + (error is TestFailure ? ", with the error" : ", \(error)")
    }
}
