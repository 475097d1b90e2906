import NIOCore
import Penstock
import PenstockNIO

/// A push producer that only notes whether it is paused; the loop that writes looks at it.
private final class NotingProducer: PushProducer {
    private(set) var isPaused = false

    func pauseProducing() { isPaused = true }

    func resumeProducing() { isPaused = false }

    func stopProducing(_ reason: EndReason) {}
}

/// A pull producer that answers each question at once, with an element made from a number; `Target` is the class of the
/// consumer, or `any Consumer`.
private final class AnsweringProducer<Target>: PullProducer {
    private(set) var written = 0
    private let count: Int
    private let consumer: Target
    private let answer: (Target, Int) -> Void
    private let finish: (Target) -> Void

    init(
        count: Int,
        consumer: Target,
        answer: @escaping (Target, Int) -> Void,
        finish: @escaping (Target) -> Void
    ) {
        self.count = count
        self.consumer = consumer
        self.answer = answer
        self.finish = finish
    }

    func resumeProducing() {
        guard written < count else { return finish(consumer) }
        written += 1
        answer(consumer, written - 1)
    }

    func stopProducing(_ reason: EndReason) {}
}

extension HandOff {
    /// The same elements through a `Buffer` with a high mark of 64.
    public static func penstock(_ payload: Payload, _ route: Route) -> HandOff? {
        switch payload {
        case .int:
            HandOff("Penstock \(route.rawValue)") { elements in
                let sink = IntSink()
                penstock(elements, route, element: { $0 }, take: { sink.take($0) })
                return sink.sum
            }
        case .bytes:
            HandOff("Penstock \(route.rawValue)") { elements in
                let sink = BytesSink()
                let chunk = ByteBuffer(repeating: 0x70, count: Payload.chunkBytes)
                penstock(elements, route, element: { _ in chunk }, take: { sink.take($0) })
                return sink.sum
            }
        }
    }

    @inline(__always)
    private static func penstock<Element>(
        _ elements: Int,
        _ route: Route,
        element: @escaping (Int) -> Element,
        take: (Element) -> Void
    ) {
        let scheduler = ManualScheduler()
        let marks = Watermarks(low: 16, high: burst - 1)
        let buffer = Buffer<Element>(marks: marks, weight: { _ in 1 }, scheduler: scheduler)
        do {
            switch route {
            case .push: try push(elements, buffer, scheduler, element, { buffer.write($0) }, take)
            case .pushAny:
                let consumer = hidden(buffer)
                try push(elements, buffer, scheduler, element, { consumer.write($0) }, take)
            case .pull:
                let producer = AnsweringProducer(
                    count: elements,
                    consumer: buffer,
                    answer: { $0.write(element($1)) },
                    finish: { $0.unregisterProducer() }
                )
                try buffer.registerProducer(producer)
                drain(buffer, scheduler, until: { producer.written == elements }, take)
            case .pullAny:
                let producer = AnsweringProducer(
                    count: elements,
                    consumer: hidden(buffer),
                    answer: { $0.write(element($1)) },
                    finish: { $0.unregisterProducer() }
                )
                try buffer.registerProducer(producer)
                drain(buffer, scheduler, until: { producer.written == elements }, take)
            case .batch:
                var batch = (0..<burst).map(element)
                passInBursts(elements) { range in
                    // Buffers are all the same; numbers are not, and are added up behind.
                    if Element.self == Int.self {
                        for number in range { batch[number - range.lowerBound] = element(number) }
                    }
                    buffer.write(contentsOf: batch.prefix(range.count))
                    while let element = buffer.take() { take(element) }
                }
            }
        } catch {
            preconditionFailure("a new buffer refused its first producer: \(error)")
        }
    }

    @inline(__always)
    private static func push<Element>(
        _ elements: Int,
        _ buffer: Buffer<Element>,
        _ scheduler: ManualScheduler,
        _ element: (Int) -> Element,
        _ write: (Element) -> Void,
        _ take: (Element) -> Void
    ) throws {
        let producer = NotingProducer()
        try buffer.registerProducer(producer)
        var written = 0
        while written < elements {
            while written < elements, !producer.isPaused {
                write(element(written))
                written += 1
            }
            while let element = buffer.take() { take(element) }
            // Once a millisecond the budget of the turn is used up, and the resume comes on the next.
            if producer.isPaused { scheduler.runTurn() }
        }
        buffer.unregisterProducer()
    }

    @inline(__always)
    private static func drain<Element>(
        _ buffer: Buffer<Element>,
        _ scheduler: ManualScheduler,
        until isDone: () -> Bool,
        _ take: (Element) -> Void
    ) {
        while true {
            if let element = buffer.take() {
                take(element)
            } else if isDone() {
                return buffer.unregisterProducer()
            } else {
                scheduler.runTurn()
            }
        }
    }

    /// The consumer as producers usually see it: the compiler must not know its class.
    @inline(never)
    private static func hidden<Element>(_ buffer: Buffer<Element>) -> any Consumer<Element> { buffer }
}
