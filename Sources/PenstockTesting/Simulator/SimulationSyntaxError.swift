/// A line of a ``SimulationScript`` is not understood.
public struct SimulationSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number of the line, beginning with 1.
    public let line: Int
    /// The line.
    public let text: String

    /// The line and its number.
    public var description: String { "line \(line) is neither a node nor a meter nor a step: \(text)" }
}
