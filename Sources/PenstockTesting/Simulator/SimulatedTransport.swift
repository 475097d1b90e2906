import Penstock

/// The outbound side of a ``TestTransport`` in a simulated world: writes the bytes of the elements.
final class SimulatedTransport: Consumer {
    typealias Element = SimulationElement

    let transport: TestTransport

    init(marks: Watermarks, clock: VirtualClock) {
        let configuration = TestTransport.Configuration(marks: marks, overhead: 0)
        transport = TestTransport(configuration, kernel: ScriptedKernel(space: 0), scheduler: clock)
    }

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        try transport.registerProducer(producer)
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        try transport.registerProducer(producer)
    }

    func unregisterProducer() { transport.unregisterProducer() }

    func write(_ element: consuming SimulationElement) -> WriteOutcome { transport.write(Self.bytes(of: element)) }

    func write(contentsOf elements: some Sequence<SimulationElement>) -> WriteOutcome {
        transport.write(contentsOf: elements.map { Self.bytes(of: $0) })
    }

    func finish() { transport.finish(within: nil) }

    func fail(_ error: any Error) { transport.fail(error) }

    func abort(_ reason: EndReason) { transport.abort(reason) }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) { transport.whenEnded(body) }

    var scheduler: any Scheduler { transport.scheduler }

    var snapshot: FlowSnapshot { transport.snapshot }

    private static func bytes(of element: SimulationElement) -> [UInt8] {
        (0..<element.byteCount).map { element.byte(at: $0) }
    }
}
