import NIOCore
import Penstock

/// Joins two transports of one event loop both ways.
///
/// Each is the producer of the other, so a side that is slow slows only its own opposite, and the relay holds at most the
/// marks and one read for each direction. The end of one side's input is passed on as half-close, behind all its bytes. If
/// a side is lost or fails, the other gets everything that arrived before, within the linger, and then a reset, never a FIN
/// (C6.6). When the relay is over both descriptors are closed.
///
/// Inside a relay no `finishDeadline` applies: a slow side that goes on taking gets everything, and one that takes nothing
/// meets its `stallTimeout`.
///
/// A relay takes both transports for good: use neither of them any more, and set none of their closures.
public enum Relay {
    /// Joins two connected transports.
    ///
    /// - Parameters:
    ///   - front: The side that connected.
    ///   - back: The side that was connected to.
    ///   - done: Called once, when both are closed.
    /// - Precondition: Both are on the same event loop, and neither has a producer or a consumer.
    public static func join(
        _ front: ChannelTransport,
        _ back: ChannelTransport,
        done: @escaping (RelayReport) -> Void = { _ in }
    ) {
        precondition(front.channel.eventLoop === back.channel.eventLoop, "a relay joins transports of one event loop")
        RelayJoint(front: front, done: { result in done(result) }).join(back)
    }

    /// Connects the back and joins the two; the front is not read before.
    ///
    /// - Parameters:
    ///   - front: The side that connected. If it is lost while the back is being connected, nothing is left open; if the back
    ///     cannot be connected, the front is reset.
    ///   - address: Where the back is.
    ///   - configuration: For the back.
    ///   - connectTimeout: How long to wait for the back to answer.
    ///   - done: Called once, when everything is closed: with the report, or with the reason for which there was no back.
    public static func join(
        _ front: ChannelTransport,
        to address: StreamAddress,
        configuration: TransportConfiguration = TransportConfiguration(),
        connectTimeout: Duration = .seconds(10),
        done: @escaping (Result<RelayReport, StreamError>) -> Void = { _ in }
    ) {
        var failure: StreamError?
        let joint = RelayJoint(front: front) { report in
            done(failure.map { .failure($0) } ?? .success(report))
        }
        StreamClient.connect(
            to: address,
            on: front.channel.eventLoop,
            configuration: configuration,
            connectTimeout: connectTimeout
        ) { result in
            switch result {
            case .success(let back): joint.join(back)
            case .failure(let error):
                failure = error
                joint.give(up: error)
            }
        }
    }
}
