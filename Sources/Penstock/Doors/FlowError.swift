/// A flow did not come to its orderly end: why, and what had been handed over until then.
public struct FlowError: Error, Sendable, CustomStringConvertible {
    /// Why it ended.
    public var end: EndReason
    /// What had been handed over until then.
    public var summary: FlowSummary
    /// The original error of the source, the sink or the transport, untouched; nil if there is none, as after a cancellation.
    public var underlying: (any Error)?

    /// Creates an error; the original error is that of the reason.
    public init(end: EndReason, summary: FlowSummary) {
        self.end = end
        self.summary = summary
        underlying = end.error
    }

    /// The innermost cause first, then the kind of end, then the figures.
    public var description: String {
        var texts: [String] = []
        if let underlying { texts.append("\(FlowError.innermost(underlying))") }
        texts.append("the flow ended: \(end.code)" + (end.detail.map { ": \($0)" } ?? ""))
        texts.append("handed over until then: \(summary)")
        return texts.joined(separator: "; ")
    }

    private static func innermost(_ error: any Error) -> any Error {
        var error = error
        while true {
            let cause: (any Error)? =
                switch error {
                case let error as FlowError: error.underlying ?? error.end
                case let error as DeliveryError: error.end
                case let reason as EndReason: reason.error
                default: nil
                }
            guard let cause else { return error }
            error = cause
        }
    }
}
