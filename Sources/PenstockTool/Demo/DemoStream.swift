import NIOCore
import Penstock
import PenstockNIO

/// One stream of the demo from server to client: its two hops, its client, and what became of it.
final class DemoStream {
    let client: DemoPlan.Client
    /// What the server handed to its connection; known beforehand for a file.
    var sent = Digest()
    /// What the client got.
    private(set) var received = Digest()
    /// How the client's flow ended.
    private(set) var result: FlowResult?
    /// What the relay says.
    var relayResult: Result<RelayReport, StreamError>?
    /// From the server to the relay.
    var serverHop: DemoHop?
    /// From the relay to the client.
    var relayHop: DemoHop?
    /// Told when all three parties have closed and the client has got everything.
    var onEnd: (() -> Void)?

    private var transport: ChannelTransport?
    private var sink: NullConsumer<ByteBuffer>?
    private var isClosed = false
    private var hasStopped = false
    private var wake: ScheduledWork?

    init(_ client: DemoPlan.Client) {
        self.client = client
    }

    var name: String { "\(client.name) \u{2190} \(client.server.rawValue)" }

    /// Why the client does not take anything at the moment, if it is its own wish.
    var cause: String? { sink?.gate.flow.holds.first?.name }

    /// The highest level at the client, which holds nothing but what it is looking at.
    var clientPeak: Int { sink?.gate.flow.peak ?? 0 }

    /// Puts the client to work on its connection.
    func start(_ transport: ChannelTransport) {
        let sink = NullConsumer<ByteBuffer>(scheduler: transport.scheduler, name: "client")
        self.sink = sink
        self.transport = transport
        sink.onElement = { [unowned self] in take($0) }
        switch client.manner {
        case .slow(let rate), .resetting(_, let rate):
            sink.gate.add(TokenBucket(rate: Double(rate), scheduler: transport.scheduler))
        case .fast, .stopping:
            break
        }
        transport.onClose = { [self] _ in
            isClosed = true
            checkEnd()
        }
        do {
            try transport.attach(to: sink, atEnd: .finish) { [self] in
                result = $0
                if $0.isComplete { transport.finish() }
                checkEnd()
            }
        } catch {
            return transport.abort(.failed(error))
        }
        switch client.server {
        case .numbers: transport.write(ByteBuffer(string: "\(client.count)\r\n"))
        // It has nothing to say: its side is closed long before the other one.
        case .file: transport.finishWriting()
        }
    }

    /// Ends it, whatever its state; for a demo that is called off.
    func abort() {
        transport?.abort(.aborted)
    }

    /// A party has closed, or the client has got its last bytes: it may take them after the connection is gone.
    func checkEnd() {
        guard isClosed, result != nil, relayResult != nil, serverHop?.report != nil, let tell = onEnd else { return }
        onEnd = nil
        wake?.cancel()
        tell()
    }

    /// What is missing for the end.
    var missing: [String] {
        var parties: [String] = []
        if !isClosed || result == nil { parties.append("client") }
        if relayResult == nil { parties.append("relay") }
        if serverHop?.report == nil { parties.append("server") }
        return parties
    }

    private func take(_ buffer: ByteBuffer) {
        received.update(buffer)
        switch client.manner {
        case .stopping(let count, let pause) where !hasStopped && received.byteCount >= count:
            hasStopped = true
            sink?.hold("stopped reading")
            wake = transport?.scheduler.schedule(after: pause) { [weak self] in self?.sink?.release("stopped reading") }
        case .resetting(let count, _) where received.byteCount >= count:
            transport?.abort(.aborted)
        default:
            break
        }
    }
}

@available(*, unavailable)
extension DemoStream: Sendable {}
