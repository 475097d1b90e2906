import Penstock
import PenstockTesting
import Testing

/// A pull producer.
final class Countdown: PullProducer, Source {
    let expectedWeight: Int? = nil
    private var next: Int
    private let outlet: Outlet<Int>

    init(from start: Int, scheduler: any Scheduler) {
        next = start
        outlet = Outlet(scheduler: scheduler)
    }

    func attach(
        to consumer: any Consumer<Int>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
    }

    func resumeProducing() {
        guard next > 0 else { return outlet.finish() }
        next -= 1
        outlet.write(next)
    }

    func stopProducing(_ reason: EndReason) { outlet.stopped(reason) }
}

/// A push producer.
final class Sensor: PushProducer {
    private let consumer: any Consumer<Int>
    private var isPaused = false
    private(set) var skipped = 0

    init(consumer: any Consumer<Int>) throws {
        self.consumer = consumer
        try consumer.registerProducer(self)
    }

    /// The hardware calls this whenever it likes.
    func measured(_ value: Int) {
        if isPaused { skipped += 1 } else { consumer.write(value) }
    }

    func pauseProducing() { isPaused = true }
    func resumeProducing() { isPaused = false }
    func stopProducing(_ reason: EndReason) { isPaused = true }
}

/// A consumer.
final class Printer: GatedConsumer {
    let gate: Gate
    private var waiting: [Int] = []

    init(scheduler: any Scheduler) {
        gate = Gate(name: "printer", flow: FlowControl(marks: Watermarks(low: 2, high: 8)), scheduler: scheduler)
        gate.owner = self
    }

    func write(_ element: consuming Int) -> WriteOutcome {
        guard gate.admits(weight: 1) else { return .closed }
        waiting.append(element)
        return gate.accept(weight: 1)
    }

    func write(contentsOf elements: some Sequence<Int>) -> WriteOutcome {
        let elements = Array(elements)
        guard gate.admits(weight: elements.count, elements: elements.count) else { return .closed }
        waiting += elements
        return gate.accept(weight: elements.count, elements: elements.count)
    }

    func discardHeld() -> Int {
        defer { waiting = [] }
        return waiting.count
    }

    /// The paper has moved on.
    func printOne() -> Int? {
        guard !waiting.isEmpty else { return nil }
        let element = waiting.removeFirst()
        gate.drain(weight: 1)
        return element
    }
}

@Suite("The samples of the guide to producers and consumers")
struct ProducersAndConsumersSamples {
    @Test func pull() throws {
        let clock = VirtualClock()
        let printer = Printer(scheduler: clock)
        try Countdown(from: 20, scheduler: clock).attach(to: printer)
        var printed: [Int] = []
        while let number = printer.printOne() { printed.append(number) }
        #expect(printed == Array((0..<20).reversed()))
        #expect(printer.snapshot.peak == 3)
    }

    @Test func push() throws {
        let clock = VirtualClock()
        let printer = Printer(scheduler: clock)
        let sensor = try Sensor(consumer: printer)
        for value in 0..<20 { sensor.measured(value) }
        #expect(sensor.skipped == 11)
        while printer.printOne() != nil {}
        sensor.measured(20)
        #expect(printer.printOne() == 20)
        printer.abort(.aborted)
    }
}
