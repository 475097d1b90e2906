import Penstock
import PenstockNIO
import Synchronization

/// What a server has done, for its summary; shared by the loops of its connections.
final class Tally: Sendable {
    struct Counts {
        var begun = 0
        var open = 0
        var connections = 0
        var bytesIn = 0
        var bytesOut = 0
        var incomplete = 0
    }

    private let counts = Mutex(Counts())

    /// A connection has begun; answers its number, from 1.
    func begin() -> Int {
        counts.withLock {
            $0.begun += 1
            $0.open += 1
            return $0.begun
        }
    }

    /// A connection is over.
    func add(_ report: TransportReport) {
        add(in: report.bytesReceived, out: report.bytesSent, isComplete: report.end.isOrderly)
    }

    func add(in bytesIn: Int, out bytesOut: Int, isComplete: Bool) {
        counts.withLock {
            $0.open -= 1
            $0.connections += 1
            $0.bytesIn += bytesIn
            $0.bytesOut += bytesOut
            if !isComplete { $0.incomplete += 1 }
        }
    }

    var current: Counts { counts.withLock { $0 } }

    /// Returns when all connections that have begun are over, or the time is up.
    ///
    /// A connection tells that it is over a moment after its descriptor is closed, and a relay when both of its are.
    func settle(within timeout: Duration) async {
        let deadline = ContinuousClock.now + timeout
        while current.open > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    /// One line.
    var summary: String {
        let counts = current
        return "served \(Figures.count(counts.connections, "connection")), \(Figures.bytes(counts.bytesIn)) in, "
            + "\(Figures.bytes(counts.bytesOut)) out, \(Figures.grouped(counts.incomplete)) incomplete"
    }
}
