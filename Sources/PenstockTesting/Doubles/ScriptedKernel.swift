/// A kernel's send buffer that takes bytes as a script says: some at a time, none, or fails.
///
/// Whoever plays the socket offers what is waiting with ``take(_:)`` until the answer is ``Answer/wouldBlock``, and offers again
/// when ``canTakeMore`` says that this makes sense. ``TestTransport`` does so; a handler at the head of a channel can do the
/// same. It is a value: keep it in one place.
///
/// ```swift
/// var kernel = ScriptedKernel([.takes(upTo: 3), .blocks, .takes(upTo: 10)], space: 0)
/// kernel.take(8)    // took 3
/// kernel.take(5)    // would block
/// kernel.take(5)    // took 5
/// kernel.take(1)    // would block, until allow(_:)
/// ```
public struct ScriptedKernel: Sendable {
    /// What one call of ``ScriptedKernel/take(_:)`` does.
    public enum Step: Sendable {
        /// Takes this many bytes at most, at least 1.
        case takes(upTo: Int)
        /// Takes nothing; the next call may take something.
        case blocks
        /// Fails, and every later call too.
        case fails(any Error)
    }

    /// The answer to an offer.
    public enum Answer: Sendable {
        /// This many of the offered bytes were taken; they need not be all.
        case took(Int)
        /// None was taken for now.
        case wouldBlock
        /// The connection is lost.
        case failed(any Error)
    }

    /// The bytes taken so far.
    public private(set) var taken = 0
    /// The bytes that can still be taken after the script; `.max` for as many as are offered.
    public private(set) var space: Int
    /// The most bytes that one call takes after the script, at least 1.
    public var most: Int

    private var steps: ArraySlice<Step>
    private var failure: (any Error)?

    /// Creates a kernel; without arguments, one that takes all it is offered.
    ///
    /// - Parameters:
    ///   - script: What the first calls do, one step a call.
    ///   - space: How many bytes are taken after the script, until ``allow(_:)`` gives more; `.max` for no bound.
    ///   - most: The most bytes that one call takes after the script.
    public init(_ script: [Step] = [], space: Int = .max, most: Int = .max) {
        precondition(space >= 0 && most >= 1, "a kernel has space for at least 0 bytes and takes at least 1 at a time")
        steps = script[...]
        self.space = space
        self.most = most
    }

    /// Whether another offer may be answered with something else than ``Answer/wouldBlock`` without anybody's doing.
    public var canTakeMore: Bool { failure != nil || !steps.isEmpty || space > 0 }

    /// Makes room for more bytes, as a peer does that has read some.
    public mutating func allow(_ bytes: Int) {
        precondition(bytes >= 0, "a kernel cannot get \(bytes) bytes of room")
        space = space > .max - bytes ? .max : space + bytes
    }

    /// Has the next call fail, and every later one.
    public mutating func fail(_ error: any Error) { failure = failure ?? error }

    /// Offers bytes, at least 1, and consumes a step of the script.
    public mutating func take(_ offered: Int) -> Answer {
        precondition(offered >= 1, "at least 1 byte must be offered, not \(offered)")
        if let failure { return .failed(failure) }
        switch steps.popFirst() {
        case .takes(let upTo):
            precondition(upTo >= 1, "a step takes up to at least 1 byte; to take none, it blocks")
            return took(min(offered, upTo))
        case .blocks:
            return .wouldBlock
        case .fails(let error):
            failure = error
            return .failed(error)
        case nil:
            guard space > 0 else { return .wouldBlock }
            let bytes = min(offered, space, most)
            if space != .max { space -= bytes }
            return took(bytes)
        }
    }

    private mutating func took(_ bytes: Int) -> Answer {
        taken += bytes
        return .took(bytes)
    }
}
