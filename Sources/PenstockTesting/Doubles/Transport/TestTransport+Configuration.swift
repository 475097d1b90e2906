public import Penstock

extension TestTransport {
    /// How a transport behaves: marks, limits and times.
    public struct Configuration: Sendable {
        /// When the producer of what goes out is paused and resumed; 32 KiB and 64 KiB by default.
        public var marks: Watermarks
        /// The hard limit of the outbound level (C10.3); 64 times the high mark by default, nil for none.
        public var limit: Int?
        /// What an element weighs beside its bytes, until the last of them has left.
        public var overhead: Int
        /// The most bytes that wait for the consumer; what the peer sends beyond is left with it (C7.6).
        ///
        /// 1 MiB by default.
        public var receiveWindow: Int = 1 << 20
        /// Whether the end of the input leaves the write side open (C7.3); true by default.
        public var allowsHalfClosure = true
        /// How long `finish()` may take before it becomes an abort (C6.3); 30 seconds by default, nil for no deadline.
        public var finishDeadline: Duration? = .seconds(30)
        /// How long a finished or failed connection waits for the peer before it is closed; 5 seconds by default.
        public var linger: Duration = .seconds(5)

        /// Creates a configuration with all defaults, but for the marks and the weight of an element.
        ///
        /// - Parameters:
        ///   - marks: When to pause and when to resume.
        ///   - overhead: What an element weighs beside its bytes; 0 in a test that quotes figures in bytes.
        public init(marks: Watermarks = .bytes, overhead: Int = entryOverhead) {
            precondition(overhead >= 0, "an overhead is at least 0, not \(overhead)")
            self.marks = marks
            self.overhead = overhead
            limit = FlowControl.defaultLimit(for: marks)
        }
    }

    /// How the write side stands on the wire.
    public enum WriteSide: Hashable, Sendable {
        /// Bytes can go out.
        case open
        /// Ended in order, with a FIN.
        case finished
        /// Ended with a reset: by an abort, or because the stream failed (C6.5, C6.6).
        case reset
        /// The connection was lost.
        case lost
    }
}
