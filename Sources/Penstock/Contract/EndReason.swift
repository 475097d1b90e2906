/// Why a stream ended: a code to decide on, the original error, and who waited for whom.
public struct EndReason: Error, Sendable, CustomStringConvertible {
    /// The kinds of ends; more may be added, so give a `switch` a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the code.
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// The orderly end: everything accepted was taken.
        public static let finished = Code("finished")
        /// The source or the sink failed; see ``EndReason/error``.
        public static let failed = Code("failed")
        /// Whoever owned the flow cancelled it.
        public static let cancelled = Code("cancelled")
        /// Ended at once by a call of `abort`.
        public static let aborted = Code("aborted")
        /// The transport was lost: reset by the peer, or a network error.
        public static let lost = Code("lost")
        /// A writer went on writing above the hard limit (C10.3).
        public static let overflow = Code("overflow")
        /// A peer took nothing, or nothing moved, for too long.
        public static let timedOut = Code("timed out")
        /// This end was closed here before the peer had said all it had to say.
        public static let closedLocally = Code("closed locally")
        /// The consumer had ended before the source had produced everything.
        public static let consumerEnded = Code("consumer ended")
        /// Whoever read the stream as an asynchronous sequence left before its end.
        public static let readerLeft = Code("reader left")
        /// The peer ended the stream in order, and with it the whole connection (C7.3).
        public static let peerFinished = Code("peer finished")
    }

    /// What kind of end it is.
    public var code: Code
    /// The error that started it, untouched.
    public var error: (any Error)?
    /// A sentence for a person: figures, and who waited for whom.
    public var detail: String?

    /// Creates a reason.
    public init(_ code: Code, error: (any Error)? = nil, detail: String? = nil) {
        self.code = code
        self.error = error
        self.detail = detail
    }

    /// The orderly end.
    public static let finished = EndReason(.finished)
    /// The owner of the flow cancelled it.
    public static let cancelled = EndReason(.cancelled)
    /// Ended at once on request.
    public static let aborted = EndReason(.aborted)

    /// An end with an error; an error that is a reason already is kept as it is, unless it would look like success.
    public static func failed(_ error: any Error) -> EndReason {
        if let reason = error as? EndReason, !reason.isOrderly { return reason }
        return EndReason(.failed, error: error)
    }

    /// The end of a stream whose writer did not obey (C10.3).
    public static func overflow(level: Int, limit: Int) -> EndReason {
        EndReason(.overflow, detail: "a write came although the level was \(level), above the hard limit of \(limit)")
    }

    /// Whether everything that was accepted was taken and nothing went wrong.
    public var isOrderly: Bool { code == .finished }

    /// The reason as that of an abort, which is never an orderly end: nobody has seen to it that everything was taken (C6.5).
    public var abortive: EndReason { isOrderly ? .aborted : self }

    /// The code, then the detail and the original error if there are any.
    public var description: String {
        var text = code.description
        if let detail { text += ": \(detail)" }
        if let error { text += " (\(error))" }
        return text
    }
}
