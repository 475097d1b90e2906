import LoopbackLoad
import NIOCore
import NIOPosix
import PenstockNIO

/// Starts a relay of Penstock's on a group, with default options and limits, and returns the port it listens on.
///
/// Nothing has to be shut down: the process ends with the measurement.
func startPenstockRelay(group: MultiThreadedEventLoopGroup, to target: SocketAddress) async throws -> Int {
    guard let targetPort = target.port else { throw MeasurementError("the target has no port") }
    let back = StreamAddress.tcp(host: "127.0.0.1", port: targetPort)
    let server = try await StreamServer.bind(to: .tcp(host: "127.0.0.1", port: 0), on: group)
    server.serve { front in Relay.join(front, to: back) }
    guard let port = server.address.port else { throw MeasurementError("the relay has no port") }
    return port
}
