import Penstock
import PenstockTesting
import Testing

@Suite("The doors: waiting, leaving, registering")
struct DoorRulesTests {
    @Test("A hundred thousand elements go to and fro between two tasks of one domain")
    func pingPong() async throws {
        try await SteppedDomain().run { domain in
            let there = Self.buffer(domain.clock)
            let back = Self.buffer(domain.clock)
            let count = 100_000
            let echo = Task {
                _ = domain
                let writer = try AsyncWriter(back)
                for try await number in there.elements { try await writer.write(number) }
                try await writer.finish()
            }
            let player = Task {
                _ = domain
                let writer = try AsyncWriter(there)
                let answers = back.elements
                var right = 0
                for number in 0..<count {
                    try await writer.write(number)
                    if try await answers.next() == number { right += 1 }
                }
                try await writer.finish()
                let end = try await answers.next()
                return end == nil ? right : -1
            }
            domain.settle(rounds: 10 * count)
            let value1 = try await player.value
            #expect(value1 == count)
            try await echo.value
            #expect(there.snapshot.peak == 1 && back.snapshot.peak == 1)
        }
    }

    @Test("A second reader is refused and takes no wake-up from the first")
    func secondReader() async throws {
        try await SteppedDomain().run { domain in
            let buffer = Self.buffer(domain.clock)
            let first = Task {
                _ = domain
                return try await buffer.elements.next()
            }
            domain.settle()
            let second = Task {
                _ = domain
                return try await buffer.elements.next()
            }
            domain.settle()
            await #expect(throws: DoorError.alreadyReading) { try await second.value }
            buffer.write(7)
            // Woken, but not there yet: the element is its own all the same.
            let third = Task {
                _ = domain
                return try await buffer.elements.next()
            }
            domain.settle()
            let value2 = try await first.value
            #expect(value2 == 7)
            third.cancel()
            domain.settle()
            await #expect(throws: CancellationError.self) { try await third.value }
        }
    }

    @Test("C1.3: a writer whose consumer is finishing already is told so")
    func finishing() async throws {
        try await SteppedDomain().run { domain in
            let buffer = Self.buffer(domain.clock)
            buffer.finish()
            let writer = try AsyncWriter(buffer)
            let task = Task {
                _ = domain
                try await writer.write(1)
            }
            domain.settle()
            let error = await #expect(throws: EndReason.self) { try await task.value }
            #expect(error?.code == .consumerEnded)
        }
    }

    @Test("C4.8: a writer that somebody else unregisters while it waits is told so", arguments: [false, true])
    func unregistered(byWayOfAnother: Bool) async throws {
        await SteppedDomain().run { domain in
            let buffer = Self.buffer(domain.clock)
            let consumer: any Consumer<Int> = byWayOfAnother ? RecordingConsumer(buffer) : buffer
            let task = Task {
                _ = domain
                let writer = try AsyncWriter(consumer)
                for number in 0..<10 { try await writer.write(number) }
            }
            domain.settle()
            consumer.unregisterProducer()
            domain.settle()
            await #expect(throws: DoorError.writerUnregistered) { try await task.value }
            #expect(buffer.count == 3)
        }
    }

    @Test("C2.1: a writer that goes leaves its successor alone", arguments: [false, true])
    func successor(byWayOfAnother: Bool) async throws {
        try await SteppedDomain().run { domain in
            let buffer = Self.buffer(domain.clock)
            let consumer: any Consumer<Int> = byWayOfAnother ? RecordingConsumer(buffer) : buffer
            var writer: AsyncWriter<Int>? = try AsyncWriter(consumer)
            #expect(buffer.snapshot.kind == .push)
            consumer.unregisterProducer()
            let successor = StrictProducer()
            try consumer.registerProducer(successor)
            writer = nil
            #expect(buffer.snapshot.kind == .push)
            consumer.abort(.aborted)
            #expect(successor.signals == [.stop])
            #expect(writer == nil)
        }
    }

    @Test("C1.9: a writer that has been stopped holds its consumer no more, and still has the receipt")
    func released() async throws {
        try await SteppedDomain().run { domain in
            var buffer: Buffer<Int>? = Self.buffer(domain.clock)
            weak let observed = buffer
            let writer = try AsyncWriter(try #require(buffer))
            buffer?.write(1)
            buffer?.abort(EndReason(.lost))
            buffer = nil
            domain.settle()
            #expect(observed == nil)
            let error = await #expect(throws: DeliveryError.self) { try await writer.finish() }
            #expect(error?.end.code == .lost)
            #expect(error?.delivery.dropped.elements == 1)
        }
    }

    @Test("Several tasks that write are served in their order, and one that is cancelled leaves the line")
    func line() async throws {
        try await SteppedDomain().run { domain in
            let buffer = Self.buffer(domain.clock, low: 0, high: 0)
            let writer = try AsyncWriter(buffer)
            let tasks = (0..<5).map { number in
                Task {
                    _ = domain
                    try await writer.write(number)
                }
            }
            domain.settle()
            tasks[2].cancel()
            var read: [Int] = []
            while let number = buffer.take() {
                read.append(number)
                domain.settle()
            }
            #expect(read == [0, 1, 3, 4])
            await #expect(throws: CancellationError.self) { try await tasks[2].value }
        }
    }

    @Test("C5.5: a task that writes into what is never full lets the others have their turn")
    func turns() async throws {
        try await SteppedDomain().run { domain in
            domain.clock.turn.weightPerTurn = 10
            domain.clock.turn.leastShare = 10
            let sink = NullConsumer<Int>(weight: { _ in 1 }, scheduler: domain.clock)
            let flow = Task {
                _ = domain
                return try await AsyncNumbers(count: 100).flow(into: sink, atEnd: .leaveOpen).elements
            }
            domain.step()
            #expect(sink.total.elements == 10)
            domain.settle()
            let value3 = try await flow.value
            #expect(value3 == 100)
            let writing = Task {
                _ = domain
                let writer = try AsyncWriter(sink)
                for number in 0..<100 { try await writer.write(number) }
            }
            domain.step()
            #expect(sink.total.elements < 120)
            domain.settle()
            try await writing.value
            #expect(sink.total.elements == 200)
        }
    }

    @Test("Letting go of the elements of a source without a loop stops the source")
    func elementsWithoutLoop() async throws {
        try await SteppedDomain().run { domain in
            let source = NumberSource(6, scheduler: domain.clock)
            do {
                let marks = Watermarks(low: 1, high: 2)
                let elements = try source.elements(marks: marks, weight: { _ in 1 }, scheduler: domain.clock)
                #expect(source.stops.isEmpty)
                _ = elements
            }
            #expect(source.stops.map(\.code) == [.readerLeft])
        }
    }

    private static func buffer(_ clock: VirtualClock, low: Int = 1, high: Int = 2) -> Buffer<Int> {
        Buffer(marks: Watermarks(low: low, high: high), weight: { _ in 1 }, scheduler: clock, name: "sink")
    }
}
