import Penstock

/// Passes on the errors that came after the first (C6.7).
final class SecondErrors: FlowObserver {
    var tell: (EndReason) -> Void = { _ in }

    func flow(_ gate: Gate, didChange edge: FlowEdge) {
        if case .ignoredEnd(let reason) = edge { tell(reason) }
    }
}
