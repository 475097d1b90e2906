import Penstock

/// An observer that writes down the edges it is told of.
final class EdgeLog: FlowObserver {
    private(set) var edges: [String] = []

    func flow(_ gate: Gate, didChange edge: FlowEdge) {
        switch edge {
        case .ended(let reason, _): edges.append("ended(\(reason.code))")
        case .stopped(let reason): edges.append("stopped(\(reason.code))")
        case .ignoredEnd(let reason): edges.append("ignoredEnd(\(reason.code))")
        default: edges.append("\(edge)")
        }
    }
}
