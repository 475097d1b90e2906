/// An edge in the life of a stream.
public enum FlowEdge: Sendable {
    /// A producer was registered.
    case registered(FlowControl.Kind)
    /// The producer unregistered.
    case unregistered
    /// The push producer was paused.
    case paused
    /// The push producer was resumed.
    case resumed
    /// A hold appeared.
    case held(Hold)
    /// A hold is gone.
    case released(Hold)
    /// The stream is connected.
    case connected
    /// A graceful end was asked for.
    case finishing
    /// The producer was stopped.
    case stopped(EndReason)
    /// Elements were dropped.
    case dropped(elements: Int)
    /// A second end came after the first, which had won (C6.7).
    case ignoredEnd(EndReason)
    /// The stream is over.
    case ended(EndReason, Delivery)
}
