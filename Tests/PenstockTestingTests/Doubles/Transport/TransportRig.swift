import Penstock
import PenstockTesting

/// A transport in memory with what is needed to observe it.
final class TransportRig {
    let clock = VirtualClock()
    let transport: TestTransport
    /// Where the inbound side goes, once ``receive(atEnd:)`` was called.
    let inlet: Buffer<[UInt8]>
    /// What the owner was told, in its order.
    var log: [String] = []

    init(
        marks: Watermarks = Watermarks(low: 40, high: 100),
        overhead: Int = 0,
        isConnected: Bool = true,
        kernel: ScriptedKernel = ScriptedKernel(space: 0),
        configure: (inout TestTransport.Configuration) -> Void = { _ in }
    ) {
        var configuration = TestTransport.Configuration(marks: marks, overhead: overhead)
        configure(&configuration)
        transport = TestTransport(configuration, isConnected: isConnected, kernel: kernel, scheduler: clock)
        inlet = Buffer<[UInt8]>(marks: Watermarks(low: 2, high: 4), weight: { $0.count }, scheduler: clock)
        transport.onEnd = { [unowned self] in log.append("end \($0.code), \($1.dropped.elements) dropped") }
        transport.onInboundEnd = { [unowned self] in log.append("inbound end \($0.code)") }
        transport.onClose = { [unowned self] in log.append("close \($0.code)") }
    }

    func receive(atEnd: EndPolicy = .finish) throws {
        try transport.attach(to: inlet, atEnd: atEnd) { [unowned self] in log.append("inbound done \($0.end.code)") }
    }

    @discardableResult
    func write(_ count: Int) -> WriteOutcome { transport.write([UInt8](repeating: 7, count: count)) }
}

/// What a network does to a connection.
struct NetworkError: Error, Equatable {}
