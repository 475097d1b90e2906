/// What a simulation takes place in: consumers and stages, what follows what, and the meters that can be added to them.
struct SimulationWorld: Hashable {
    /// The kinds of nodes.
    enum Kind: String, CaseIterable {
        /// A `Buffer`.
        case buffer
        /// A `Buffer` with a reader that is told by `onReadable`.
        case reader
        /// A `Collector`; its high mark is the cap.
        case collector
        /// A `NullConsumer`.
        case null
        /// A `Map`.
        case map
        /// A `PushFromPull`.
        case adapter
        /// A `LineFramer`.
        case framer
        /// One end of a `Duplex` pair, written to; the other end produces what is written.
        case duplex
        /// The other end of the pair whose first end is the node before.
        case back
        /// The outbound side of a `TestTransport` with a `ScriptedKernel`.
        case transport
        /// A consumer of the caller's own.
        case subject

        var isSource: Bool { self == .map || self == .adapter || self == .framer || self == .duplex || self == .back }
        var isStage: Bool { self == .map || self == .adapter || self == .framer }
        var isLane: Bool { self == .duplex || self == .back }
    }

    struct Node: Hashable {
        var kind: Kind
        var low: Int
        var high: Int
        /// The hard limit; nil for none.
        var limit: Int?
        /// The node that this one produces into.
        var target: Int?
    }

    struct Meter: Hashable {
        enum Kind: String, CaseIterable {
            /// An `Account` with these marks.
            case account
            /// A `TokenBucket` with this rate and burst.
            case bucket
            /// A meter that only checks what it is told.
            case spy
        }
        var kind: Kind
        var low = 0
        var high = 0
    }

    var nodes: [Node] = []
    var meters: [Meter] = []
    /// What the streams may move in a turn.
    var share = 1 << 20

    var lines: [String] {
        var lines = nodes.map { node in
            var line = "node \(node.kind.rawValue) \(node.low)/\(node.high)"
            if let limit = node.limit { line += " limit \(limit)" }
            if let target = node.target { line += " > \(target)" }
            return line
        }
        lines += meters.map { $0.kind == .spy ? "meter spy" : "meter \($0.kind.rawValue) \($0.low)/\($0.high)" }
        if share != 1 << 20 { lines.append("share \(share)") }
        return lines
    }

    /// Whether the line belongs to the world; then it is added.
    mutating func add(_ words: [Substring]) -> Bool {
        switch words.first {
        case "node":
            guard words.count >= 3, let kind = Kind(rawValue: String(words[1])), let marks = Self.pair(words[2]) else {
                return false
            }
            var node = Node(kind: kind, low: marks.0, high: marks.1, limit: nil, target: nil)
            var rest = words.dropFirst(3)
            if rest.first == "limit" {
                guard rest.count >= 2, let limit = Int(rest[rest.startIndex + 1]), limit >= 0 else { return false }
                node.limit = limit
                rest = rest.dropFirst(2)
            }
            if rest.first == ">" {
                // A stream flows to a node that was named before, so there is no circle.
                guard kind.isSource, rest.count == 2, let target = Int(rest[rest.startIndex + 1]),
                    nodes.indices.contains(target)
                else { return false }
                node.target = target
                rest = []
            }
            guard rest.isEmpty, kind != .back || nodes.last?.kind == .duplex else { return false }
            nodes.append(node)
        case "meter":
            guard words.count >= 2, let kind = Meter.Kind(rawValue: String(words[1])) else { return false }
            if kind == .spy {
                guard words.count == 2 else { return false }
                meters.append(Meter(kind: kind))
            } else {
                guard words.count == 3, let marks = Self.pair(words[2], isOrdered: kind == .account),
                    kind == .account || marks.0 > 0
                else { return false }
                meters.append(Meter(kind: kind, low: marks.0, high: marks.1))
            }
        case "share":
            guard words.count == 2, let share = Int(words[1]), share > 0 else { return false }
            self.share = share
        default: return false
        }
        return true
    }

    private static func pair(_ text: Substring, isOrdered: Bool = true) -> (Int, Int)? {
        let parts = text.split(separator: "/").map { Int($0) }
        guard parts.count == 2, let low = parts[0], let high = parts[1], 0 <= low, isOrdered ? low <= high : 0 <= high
        else {
            return nil
        }
        return (low, high)
    }
}
