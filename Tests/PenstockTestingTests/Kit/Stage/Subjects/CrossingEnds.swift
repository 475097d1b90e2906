import Penstock

/// Both ends of a crossing as if they were one stage.
final class CrossingEnds: Consumer, Source {
    let near: CrossingConsumer<Int>
    let far: CrossingSource<Int>

    init(marks: Watermarks, near: any Scheduler, far: any Scheduler) throws {
        let crossing = Crossing<Int>(marks: marks, weight: { _ in 1 })
        self.near = try crossing.consumer(on: near)
        self.far = try crossing.source(on: far)
    }

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        try near.registerProducer(producer)
    }
    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        try near.registerProducer(producer)
    }
    func unregisterProducer() { near.unregisterProducer() }
    @discardableResult func write(_ element: consuming Int) -> WriteOutcome { near.write(element) }
    @discardableResult func write(contentsOf elements: some Sequence<Int>) -> WriteOutcome {
        near.write(contentsOf: elements)
    }
    func finish() { near.finish() }
    func fail(_ error: any Error) { near.fail(error) }
    func abort(_ reason: EndReason) { near.abort(reason) }
    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) { near.whenEnded(body) }
    var snapshot: FlowSnapshot { near.snapshot }
    var scheduler: any Scheduler { near.scheduler }

    var expectedWeight: Int? { far.expectedWeight }
    func stopProducing(_ reason: EndReason) { far.stopProducing(reason) }
    func attach(
        to consumer: any Consumer<Int>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try far.attach(to: consumer, atEnd: atEnd, done: done)
    }
}
