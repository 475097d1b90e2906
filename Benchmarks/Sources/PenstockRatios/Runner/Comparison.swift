/// One question: what Penstock costs beside the ways to do the same without it.
struct Comparison: Sendable {
    /// A short name, which `--filter` selects by.
    let name: String
    /// What is done, in a few words.
    let summary: String
    /// What is read off each run.
    let figures: [Figure]
    /// The ways without Penstock; targets are measured against the first.
    let references: [Side]
    /// The way through Penstock, or nil as long as it is not written.
    let candidate: Side?
}

/// One quantity that every side of a comparison reports.
struct Figure: Sendable {
    /// The key under which a side reports it.
    let key: String
    /// The unit, as printed.
    let unit: String
    /// What Penstock should reach, or nil for a figure that is only shown.
    let target: Target?

    init(_ key: String, unit: String, target: Target? = nil) {
        self.key = key
        self.unit = unit
        self.target = target
    }
}

/// One way to do the work of a comparison.
struct Side: Sendable {
    /// What the way is called in the report.
    let label: String
    /// Does the work once and returns a value for each figure of the comparison, by its key.
    let measure: @Sendable (Scale) async throws -> [String: Double]
}

/// What a figure of Penstock should reach.
enum Target: Sendable {
    /// At least this many times the first reference.
    case ratioAtLeast(Double)
    /// At most this many times the first reference.
    case ratioAtMost(Double)
    /// At most the first reference plus this much.
    case overAtMost(Double)
    /// At most this, whatever the references are.
    case atMost(Double)

    /// Whether a median of Penstock reaches the target beside the median of the first reference.
    func isReached(candidate: Double, reference: Double) -> Bool {
        switch self {
        case .ratioAtLeast(let factor): candidate >= reference * factor
        case .ratioAtMost(let factor): candidate <= reference * factor
        case .overAtMost(let difference): candidate - reference <= difference
        case .atMost(let limit): candidate <= limit
        }
    }

    /// The target as a report shows it.
    var text: String {
        switch self {
        case .ratioAtLeast(let factor): ">= \(decimal(factor, places: 2)) x"
        case .ratioAtMost(let factor): "<= \(decimal(factor, places: 2)) x"
        case .overAtMost(let difference): "<= +\(significant(difference))"
        case .atMost(let limit): "<= \(significant(limit))"
        }
    }
}

/// How much work a run does.
struct Scale: Sendable {
    /// How many alternating runs each side gets.
    let rounds: Int
    /// Whether runs are short; their figures are good for a look, not for a verdict.
    let isQuick: Bool

    /// Five runs of full length.
    static let full = Scale(rounds: 5, isQuick: false)
    /// Three short runs.
    static let quick = Scale(rounds: 3, isQuick: true)

    /// One of two values, by how long the runs are.
    func pick<Value>(full: Value, quick: Value) -> Value {
        isQuick ? quick : full
    }
}
