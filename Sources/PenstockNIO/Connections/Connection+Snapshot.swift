public import Penstock

extension Connection {
    /// How a connection stands at one moment.
    public struct Snapshot: Sendable {
        /// Where the peer is.
        public var remoteAddress: StreamAddress?
        /// What goes out: its level, and who waits for whom since when.
        public var outbound: FlowSnapshot
        /// What came in and was not read; nil before the first reading.
        public var inbound: FlowSnapshot?
        /// The bytes that came in.
        public var bytesReceived: Int
        /// The bytes that came in and were discarded, because nobody wanted them any more.
        public var bytesDiscarded: Int
        /// The bytes that were accepted to go out.
        public var bytesAccepted: Int
        /// The bytes that were handed to the kernel.
        public var bytesSent: Int
    }
}
