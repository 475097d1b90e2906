/// Is told of the edges in the life of a stream, never of single elements.
///
/// Metrics, logs and traces are built on it. It is called synchronously on the stream's isolation domain and must not
/// write, register or end anything in turn.
public protocol FlowObserver: AnyObject {
    /// Something changed at a gate.
    func flow(_ gate: Gate, didChange edge: FlowEdge)
}
