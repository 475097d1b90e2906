import Penstock
import PenstockNIO

/// One arrow of a demo stream: a transport as the consumer of what goes out, seen from outside.
final class DemoHop {
    /// What the table shows of a hop.
    struct Figures: Sendable {
        var state: String
        var level: Int
        var peak: Int
        var rate: Int
        var pauses: Int
    }

    let transport: ChannelTransport
    /// Why the connection is over.
    var report: TransportReport?
    /// The heaviest element that its producer writes.
    let largestElement: Int

    private let consumer: String
    private var before: (at: Duration, sent: Int)
    /// Since when nothing has moved, as far as the looks at it can tell.
    private var idleSince: Duration

    /// - Parameters:
    ///   - consumer: Whoever takes what goes out, for "paused for …".
    init(_ transport: ChannelTransport, to consumer: String, largestElement: Int) {
        self.transport = transport
        self.consumer = consumer
        self.largestElement = largestElement
        before = (transport.scheduler.now, 0)
        idleSince = before.at
    }

    /// The highest level that the contract allows (C10.2).
    func allowedPeak(isPull: Bool) -> Int {
        let marks = transport.configuration.marks
        return (isPull ? marks.low : marks.high) + largestElement
    }

    var peak: Int { transport.gate.flow.peak }

    /// How it stands, and at what rate since it was last asked.
    func figures(because cause: String?) -> Figures {
        let snapshot = transport.snapshot
        let now = transport.scheduler.now
        let sent = transport.bytesSent
        let elapsed = max(PenstockTool.Figures.number(of: now - before.at), 0.001)
        if sent != before.sent { idleSince = now }
        defer { before = (now, sent) }
        return Figures(
            state: state(snapshot, now: now, cause: cause),
            level: snapshot.level,
            peak: snapshot.peak,
            rate: Int(Double(max(0, sent - before.sent)) / elapsed),
            pauses: snapshot.pauses
        )
    }

    private func state(_ snapshot: FlowSnapshot, now: Duration, cause: String?) -> String {
        let whom = "for \(consumer)" + (cause.map { " (\($0))" } ?? "")
        switch snapshot.phase {
        case .connecting: return "connecting"
        case .draining: return "last bytes \(whom)"
        case .ended: return transport.gate.end?.code.description ?? "ended"
        case .open, .finishing: if snapshot.kind == .none { return "no producer" }
        }
        let isFull = snapshot.kind == .push ? snapshot.isPaused : snapshot.level > transport.configuration.marks.low
        guard isFull else { return snapshot.isAsked ? "waiting for the disk" : "running" }
        // A push producer is told to pause; a pull producer is just not asked.
        let verb = snapshot.kind == .push ? "paused" : "waiting"
        let age = snapshot.kind == .push ? snapshot.waits.first?.age ?? .zero : now - idleSince
        return age < .milliseconds(50) ? "\(verb) \(whom)" : "\(verb) \(PenstockTool.Figures.seconds(age)) \(whom)"
    }
}

@available(*, unavailable)
extension DemoHop: Sendable {}
