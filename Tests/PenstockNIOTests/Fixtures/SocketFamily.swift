import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import PenstockNIO

/// The two families of sockets that every behaviour of a transport is shown on.
enum SocketFamily: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case tcp, unix

    var testDescription: String { rawValue }

    /// An address nobody listens on yet: port 0, or a path in a directory of its own.
    func freshAddress() throws -> StreamAddress {
        switch self {
        case .tcp: .tcp(host: "127.0.0.1", port: 0)
        case .unix: .unix(path: try TemporaryDirectory.shared.freshPath("socket"))
        }
    }
}
