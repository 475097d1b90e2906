import Penstock
import PenstockTesting

@testable import PenstockNIO

/// The kinds of sockets that the kit runs on.
enum SocketKind: String, Sendable {
    case tcp = "TCP"
    case unix = "UNIX"
    case unixTinyBuffer = "UNIX with a tiny buffer"

    var family: SocketFamily { self == .tcp ? .tcp : .unix }

    /// How much the transport's own kernel accepts; the system's least if it is less than that.
    var sendBuffer: CInt {
        switch self {
        case .tcp: 4096
        case .unix: 8 << 10
        case .unixTinyBuffer: 1
        }
    }

    var traits: TransportTraits {
        TransportTraits(
            unit: 1000,
            overhead: entryOverhead,
            tellsReset: family == .tcp,
            receiveWindow: 64 << 10,
            patience: .milliseconds(20)
        )
    }
}
