public import Penstock

/// What a relay has moved in each direction, and how it ended.
public struct RelayReport: Sendable, CustomStringConvertible {
    /// One direction.
    public struct Direction: Sendable {
        /// The bytes that came in on one side.
        public var bytesIn: Int
        /// The bytes that were handed to the kernel on the other.
        public var bytesOut: Int
        /// Why this direction ended; orderly if the sender's end of input was passed on behind all its bytes.
        public var end: EndReason

        /// Whether everything that came in went out, and the end behind it.
        public var isComplete: Bool { end.isOrderly && bytesIn == bytesOut }
    }

    /// From the side that connected to the side that was connected to.
    public var frontToBack: Direction
    /// From the side that was connected to, back.
    public var backToFront: Direction
    /// From the call of `join` until both descriptors were closed.
    public var duration: Duration

    /// Whether both directions are complete.
    public var isComplete: Bool { frontToBack.isComplete && backToFront.isComplete }

    /// Both directions in one line.
    public var description: String {
        func text(_ direction: Direction) -> String {
            direction.isComplete
                ? "\(direction.bytesOut) bytes"
                : "\(direction.bytesOut) of \(direction.bytesIn) bytes, \(direction.end)"
        }
        return "forth \(text(frontToBack)); back \(text(backToFront))"
    }
}
