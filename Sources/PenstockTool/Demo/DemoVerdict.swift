import Penstock
import PenstockNIO

/// One point of the verdict: what was looked at, whether it holds, and the figures.
struct DemoVerdict: Sendable, CustomStringConvertible {
    var subject: String
    var holds: Bool
    var figures: String

    init(_ subject: String, holds: Bool, _ figures: String) {
        self.subject = subject
        self.holds = holds
        self.figures = figures
    }

    /// A stream: complete, byte for byte, if it was to be; else cut off where it was to be, with everybody told.
    init(_ stream: DemoStream) {
        let bytes = "\(Figures.grouped(stream.received.byteCount)) bytes"
        let serverEnd = stream.serverHop?.report?.end
        if stream.client.isToComplete {
            let relayed = (try? stream.relayResult?.get().isComplete) ?? false
            let isSame = stream.received == stream.sent
            let isOrderly = stream.result?.isComplete == true && relayed && serverEnd?.isOrderly == true
            let checksums =
                isSame
                ? "checksum \(stream.received) at both ends"
                : "checksum \(stream.received), but the server sent \(stream.sent.byteCount) bytes with \(stream.sent)"
            let end = isOrderly ? "" : "; \(Self.ends(of: stream))"
            self.init(stream.name, holds: isSame && isOrderly, "\(bytes), \(checksums)\(end)")
        } else {
            let isCut = stream.received.byteCount < stream.sent.byteCount && stream.result?.isComplete == false
            // Neither server nor relay may take a reset for an end.
            let isTold = serverEnd?.isOrderly == false && (try? stream.relayResult?.get().isComplete) == false
            self.init(
                stream.name,
                holds: isCut && isTold,
                isCut && isTold
                    ? "reset by its client after \(bytes); the server was told: \(serverEnd?.code.description ?? "")"
                    : "was to be reset, but: \(bytes); \(Self.ends(of: stream))"
            )
        }
    }

    /// The peak levels of all hops against C10.2.
    init(peaksOf streams: [DemoStream], largestRead: Int) {
        var excesses: [String] = []
        var nearest = (peak: 0, allowed: 1, place: "")
        func look(_ peak: Int, _ allowed: Int, _ place: String) {
            if peak > allowed { excesses.append("\(place) \(Figures.grouped(peak)) of \(Figures.grouped(allowed))") }
            if peak * nearest.allowed > nearest.peak * allowed { nearest = (peak, allowed, place) }
        }
        for stream in streams {
            if let hop = stream.serverHop {
                look(hop.peak, hop.allowedPeak(isPull: stream.client.server == .file), "\(stream.name), server")
            }
            if let hop = stream.relayHop { look(hop.peak, hop.allowedPeak(isPull: false), "\(stream.name), relay") }
            look(stream.clientPeak, largestRead + entryOverhead, "\(stream.name), client")
        }
        let figures = "\(Figures.grouped(nearest.peak)) of \(Figures.grouped(nearest.allowed))"
        self.init(
            "peak levels",
            holds: excesses.isEmpty,
            excesses.isEmpty
                ? "all within mark plus one element; nearest to its bound: \(nearest.place), \(figures)"
                : excesses.joined(separator: "; ")
        )
    }

    var description: String { "\(holds ? "ok  " : "FAIL") \(Figures.column(subject, 20)) \(figures)" }

    private static func ends(of stream: DemoStream) -> String {
        let relay = stream.relayResult.map { result in
            switch result {
            case .success(let report): report.words
            case .failure(let error): error.description
            }
        }
        let client = stream.result?.end.words ?? "open"
        let server = stream.serverHop?.report?.end.words ?? "open"
        return "client \(client), relay \(relay ?? "open"), server \(server)"
    }
}
