import NIOCore
import Penstock
import PenstockNIO

/// Asks a server that sends the pattern for it, by way of a ``StreamClient``, and answers what came.
func fetchPattern(
    from address: StreamAddress,
    on eventLoop: (any EventLoop)? = nil
) async throws -> (bytes: Int, isIntact: Bool, end: EndReason) {
    let answer = Signal<(bytes: Int, isIntact: Bool, end: EndReason)>()
    try await StreamClient.connect(to: address, on: eventLoop) { transport in
        if let eventLoop { precondition(transport.channel.eventLoop === eventLoop) }
        let rig = Rig(transport)
        try transport.attach(to: rig.inlet, atEnd: .leaveOpen) { result in
            answer.tell((rig.bytesDelivered, rig.isIntact, result.end))
            transport.finish()
        }
    }
    return await answer.wait()
}

extension StreamServer {
    /// Sends the pattern to everybody and finishes.
    func servePattern(_ count: Int) {
        serve { transport in
            let source = SequenceSource(Pattern.chunks(count, of: 10_000), scheduler: transport.scheduler)
            try? source.attach(to: transport)
        }
    }
}
