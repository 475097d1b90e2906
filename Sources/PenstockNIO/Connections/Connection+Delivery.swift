extension Connection {
    /// What is known of the bytes that were written to a connection.
    ///
    /// The kernel has what was sent; it goes on sending it after the connection was finished. That the peer has it, only its
    /// acknowledgement says, and that the program there has read it, only an answer of that program.
    public struct Delivery: Hashable, Sendable, CustomStringConvertible {
        /// The bytes that were accepted to go out.
        public var bytesAccepted: Int
        /// The bytes that were handed to the kernel.
        public var bytesSent: Int
        /// The bytes that the peer's system has acknowledged (TCP) or its program has read (UNIX sockets), at the least; nil if
        /// that was not asked for, or the system does not tell.
        public var bytesAcknowledged: Int?

        /// The accepted bytes that were not handed to the kernel.
        public var bytesDropped: Int { bytesAccepted - bytesSent }

        /// The figures in words.
        public var description: String {
            let text = "\(bytesSent) of \(bytesAccepted) bytes handed to the kernel"
            return bytesAcknowledged.map { "\(text), \($0) acknowledged" } ?? text
        }
    }
}
