import Penstock

/// A framer as the source of what its lines consist of, since in a simulated world everything is of one type.
final class SimulatedLines: Source {
    typealias Output = SimulationElement

    private let framer: LineFramer<SimulationElement>

    init(_ framer: LineFramer<SimulationElement>) {
        self.framer = framer
    }

    var expectedWeight: Int? { framer.expectedWeight }

    func attach(
        to consumer: any Consumer<SimulationElement>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try framer.attach(to: Unwrapper(consumer), atEnd: atEnd, done: done)
    }

    func stopProducing(_ reason: EndReason) { framer.stopProducing(reason) }
}

/// Passes everything on as it comes, each line as its bytes.
private final class Unwrapper: Consumer {
    typealias Element = Line<SimulationElement>

    private let target: any Consumer<SimulationElement>

    init(_ target: any Consumer<SimulationElement>) {
        self.target = target
    }

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        try target.registerProducer(producer)
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        try target.registerProducer(producer)
    }

    func unregisterProducer() { target.unregisterProducer() }

    func write(_ element: consuming Line<SimulationElement>) -> WriteOutcome { target.write(element.bytes) }

    func write(contentsOf elements: some Sequence<Line<SimulationElement>>) -> WriteOutcome {
        target.write(contentsOf: elements.map(\.bytes))
    }

    func finish() { target.finish() }

    func fail(_ error: any Error) { target.fail(error) }

    func abort(_ reason: EndReason) { target.abort(reason) }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) { target.whenEnded(body) }

    var scheduler: any Scheduler { target.scheduler }

    var snapshot: FlowSnapshot { target.snapshot }
}
