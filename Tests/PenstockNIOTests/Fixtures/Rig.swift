import NIOCore
import Penstock
import PenstockNIO
import PenstockTesting

/// A transport under test with what is needed to observe it; lives on the transport's event loop.
final class Rig {
    let transport: ChannelTransport
    /// Registered by the tests that look at signals.
    let producer = StrictProducer()
    /// Where the inbound side goes, once ``receive(atEnd:)`` was called; checks the pattern.
    let inlet: NullConsumer<ByteBuffer>
    /// What has happened, in its order.
    var log: [String] = []
    /// The text that has come in, for tests that use words.
    var text = ""
    /// Whether everything that came in was the pattern.
    private(set) var isIntact = true
    private(set) var bytesDelivered = 0
    /// Called after each element that came in.
    var onElement: (() -> Void)?

    let closed = Signal<TransportReport>()
    let ended = Signal<EndReason>()
    let inboundEnded = Signal<EndReason>()
    let received = Signal<FlowResult>()

    init(_ transport: ChannelTransport) {
        self.transport = transport
        inlet = NullConsumer(scheduler: transport.scheduler, name: "inlet")
        inlet.onElement = { [unowned self] element in
            if !Pattern.matches(element, from: bytesDelivered) { isIntact = false }
            bytesDelivered += element.readableBytes
            if bytesDelivered < 4096 { text += String(buffer: element) }
            onElement?()
        }
        transport.onEnd = { [self] reason, _ in
            log.append("end \(reason.code)")
            ended.tell(reason)
        }
        transport.onInboundEnd = { [self] reason in
            log.append("inbound end \(reason.code)")
            inboundEnded.tell(reason)
        }
        transport.onClose = { [self] report in
            log.append("close \(report.end.code)")
            closed.tell(report)
        }
        producer.onStop = { [unowned self] in log.append("stop \($0.code)") }
    }

    /// What the channel holds at this moment, whether the transport knows it or not.
    var buffered: Int { (try? transport.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    /// Attaches the inlet to the inbound side.
    func receive() throws {
        try transport.attach(to: inlet, atEnd: .leaveOpen) { [self] result in
            log.append("inbound done \(result.end.code)")
            received.tell(result)
        }
    }

    /// Writes the pattern.
    @discardableResult
    func write(_ count: Int, from offset: Int = 0) -> WriteOutcome {
        transport.write(Pattern.bytes(count, from: offset))
    }
}
