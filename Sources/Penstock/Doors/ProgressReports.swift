/// Whom to tell how far a flow has come, and how often.
///
/// ```swift
/// try await source.flow(into: consumer, progress: .atMost(perSecond: 4) { print($0) })
/// ```
///
/// It is told when something has moved since the last report, and once more at the end, so that the last report is the whole.
/// An element costs nothing: the counts are looked at by a timer.
public struct ProgressReports {
    let interval: Duration
    let tell: (FlowProgress) -> Void

    /// Reports at most this often.
    ///
    /// - Parameters:
    ///   - perSecond: How often at most; more than 0.
    ///   - tell: Called in the isolation domain of the flow.
    public static func atMost(perSecond: Double, _ tell: @escaping (FlowProgress) -> Void) -> ProgressReports {
        precondition(perSecond > 0, "progress is reported more than 0 times a second, not \(perSecond)")
        return ProgressReports(interval: .seconds(1 / perSecond), tell: tell)
    }
}

@available(*, unavailable)
extension ProgressReports: Sendable {}
