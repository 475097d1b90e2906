import PenstockNIO

/// Why a command failed: one line for a person and a status for a program.
struct Failure: Error {
    var status: ExitStatus
    var message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The failure that an error of the library amounts to; nil for any other error.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure:
            self = failure
        case let error as StreamError:
            self.init(error.operation == .listen ? .cannotListen : .unreachable, error.description)
        case let error as FileSourceError:
            self.init(.noInput, error.description)
        case let error as OutputError:
            self.init(error.call == "create" ? .cannotCreate : .cannotWrite, error.description)
        default:
            return nil
        }
    }
}
