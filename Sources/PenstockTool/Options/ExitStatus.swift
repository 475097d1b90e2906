import UnixSignals

/// What the tool's exit status says; the numbers are those of `sysexits.h` where one fits.
struct ExitStatus: Hashable {
    let rawValue: Int32

    private init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    static let failed = ExitStatus(1)
    static let usage = ExitStatus(64)
    static let noInput = ExitStatus(66)
    static let unreachable = ExitStatus(69)
    static let cannotListen = ExitStatus(71)
    static let cannotCreate = ExitStatus(73)
    static let cannotWrite = ExitStatus(74)
    static let incomplete = ExitStatus(75)

    /// As shells report a process that a signal has ended.
    static func interrupted(by signal: UnixSignal) -> ExitStatus {
        ExitStatus(128 + signal.rawValue)
    }

    static let explanation = """
        Exit status: 0 all is well; 1 a check of the demo failed; 64 wrong arguments; 66 a file is missing or cannot be read; \
        69 no connection (refused, no answer, unknown name); 71 cannot listen (address in use, not permitted); 73 the output \
        cannot be created; 74 the output cannot be written; 75 the transfer is incomplete; 130 or 143 ended by SIGINT or \
        SIGTERM before all was done. \(unixExplanation)
        """

    /// The limit of what the status of `fetch` can say.
    static let unixExplanation =
        "A UNIX socket has no reset: over one, a client cannot tell an aborted stream from a finished one."
}
