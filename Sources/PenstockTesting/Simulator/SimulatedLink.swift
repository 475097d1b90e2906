import Penstock

/// The consumer that a stage of a simulated world is attached to: checks what the stage hands on, and passes it on.
final class SimulatedLink: Consumer {
    typealias Element = SimulationElement

    private unowned let source: SimulatedNode
    private unowned let target: SimulatedNode

    init(from source: SimulatedNode, to target: SimulatedNode) {
        self.source = source
        self.target = target
    }

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        try target.register(SimulatedPush(node: target, stage: producer, source: source))
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        try target.inner.registerProducer(producer)
    }

    func unregisterProducer() {
        source.isConcluding()
        if target.push?.stands(before: source) != true, target.hasProducer {
            target.breach("C2.1", "a stage unregisters a producer that is not itself")
        }
        target.unregisterProducer()
    }

    func write(_ element: consuming SimulationElement) -> WriteOutcome {
        let element = element
        source.handOn(element)
        let outcome = target.write(element)
        source.handedOn()
        return outcome
    }

    func write(contentsOf elements: some Sequence<SimulationElement>) -> WriteOutcome {
        let elements = Array(elements)
        for element in elements { source.handOn(element) }
        let outcome = target.write(contentsOf: elements)
        source.handedOn()
        return outcome
    }

    func finish() {
        source.isConcluding()
        target.finish()
    }

    func fail(_ error: any Error) {
        source.isConcluding()
        target.fail(error)
    }

    func abort(_ reason: EndReason) { target.abort(reason) }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) { target.inner.whenEnded(body) }

    var scheduler: any Scheduler { target.inner.scheduler }

    var snapshot: FlowSnapshot { target.inner.snapshot }
}
