/// How far a flow has come.
public struct FlowProgress: Hashable, Sendable, CustomStringConvertible {
    /// What has been handed over so far, as the consumer weighs it.
    public var weight: Int
    /// What the source expects to produce altogether, if it knows; a source of bytes counts bytes alone.
    public var total: Int?
    /// What was handed over in a second, since the last report.
    public var weightPerSecond: Double

    /// Creates a progress.
    public init(weight: Int, total: Int? = nil, weightPerSecond: Double = 0) {
        self.weight = weight
        self.total = total
        self.weightPerSecond = weightPerSecond
    }

    /// The part that has been handed over, from 0 to 1; nil if the total is unknown.
    public var fraction: Double? {
        total.map { $0 > 0 ? min(Double(weight) / Double($0), 1) : 1 }
    }

    /// The figures in one line.
    public var description: String {
        "\(weight)\(total.map { " of \($0)" } ?? ""), \(Int(weightPerSecond)) per second"
    }
}
