import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A server could not listen, or a client not connect.
public struct StreamError: Error, Sendable, CustomStringConvertible {
    /// What was tried.
    public enum Operation: Hashable, Sendable {
        /// Listening.
        case listen
        /// Connecting.
        case connect
    }

    /// What was tried.
    public var operation: Operation
    /// Where.
    public var address: StreamAddress
    /// What the system said, untouched.
    public var error: any Error

    /// What failed, where and why, in one line.
    public var description: String {
        let verb = operation == .listen ? "listen on" : "connect to"
        return "cannot \(verb) \(address): \(Self.explain(error))"
    }

    /// The system's words for an error, without the wrapping.
    static func explain(_ error: any Error) -> String {
        switch error {
        case let error as IOError:
            return String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            if let single = error.connectionErrors.last { return explain(single.error) }
            if let lookup = error.dnsAError ?? error.dnsAAAAError { return explain(lookup) }
            return "no address worked"
        case let error as SocketAddressError.UnknownHost:
            return "the name cannot be resolved: \(error.errorDescription)"
        case ChannelError.connectTimeout(let amount):
            return "no answer within \(Duration(amount))"
        default:
            return String(describing: error)
        }
    }
}
