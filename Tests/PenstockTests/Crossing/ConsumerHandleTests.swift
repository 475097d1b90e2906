import Penstock
import PenstockTesting
import Testing

@Suite("C9.3: tasks write to a consumer of another domain") @MainActor
struct ConsumerHandleTests {
    let clock = VirtualClock()
    let marks = Watermarks(low: 1, high: 3)

    func buffer() -> Buffer<Int> { Buffer(marks: Watermarks(low: 0, high: 0), weight: { _ in 1 }, scheduler: clock) }

    func handle(_ consumer: any Consumer<Int>) throws -> ConsumerHandle<Int> {
        try ConsumerHandle(consumer, marks: marks, weight: { _ in 1 })
    }

    func readAll(_ buffer: Buffer<Int>) -> [Int] {
        var read: [Int] = []
        repeat {
            clock.settle()
            while let element = buffer.take() { read.append(element) }
        } while !clock.isSettled
        return read
    }

    @Test("everything is written, in order, and the receipt is that of the consumer")
    func everything() async throws {
        let archive = Archive()
        let handle = try await archive.open(marks: marks)
        for row in 0..<1_000 { try await handle.write(row) }
        try await handle.write(contentsOf: 1_000..<1_010)
        let delivery = try await handle.finish()
        #expect(await archive.rows == Array(0..<1_010))
        #expect(delivery.accepted.elements == 1_010)
        #expect(handle.snapshot.peak <= 3 + 10)
        await #expect(throws: DoorError.writerFinished) { try await handle.write(1) }
    }

    @Test("a task waits while it is full, and the tasks are served in the order in which they came")
    func waiting() async throws {
        let buffer = buffer()
        let handle = try handle(buffer)
        for number in 0..<4 { try await handle.write(number) }
        #expect(handle.snapshot.isPaused)
        let tasks = (4..<8).map { number in Task { @MainActor in try await handle.write(number) } }
        await Task.yield()
        await Task.yield()
        #expect(handle.snapshot.level == 4)
        clock.settle()
        // The buffer has one, which is all it wants.
        #expect(buffer.count == 1)
        #expect(handle.snapshot.level == 3)
        var read: [Int] = []
        while read.count < 8 {
            clock.settle()
            while let element = buffer.take() { read.append(element) }
            await Task.yield()
        }
        for task in tasks { try await task.value }
        #expect(read == Array(0..<8))
    }

    @Test("a task that is cancelled while it waits has written nothing, and those behind it go on")
    func cancelled() async throws {
        let buffer = buffer()
        let handle = try handle(buffer)
        for number in 0..<4 { try await handle.write(number) }
        let first = Task { @MainActor in try await handle.write(4) }
        await Task.yield()
        let second = Task { @MainActor in try await handle.write(5) }
        await Task.yield()
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(readAll(buffer) == [0, 1, 2, 3])
        try await second.value
        #expect(readAll(buffer) == [5])
    }

    @Test("C6.6: failed, the consumer gets what was written, then the original error")
    func failed() async throws {
        let buffer = buffer()
        let handle = try handle(buffer)
        for number in 0..<3 { try await handle.write(number) }
        handle.fail(TestFailure())
        await #expect(throws: TestFailure.self) { try await handle.write(3) }
        #expect(readAll(buffer) == [0, 1, 2])
        #expect(buffer.end?.error is TestFailure)
        let error = await #expect(throws: DeliveryError.self) { try await handle.finish() }
        #expect(error?.end.error is TestFailure)
        #expect(error?.delivery.accepted.elements == 3)
    }

    @Test("C6.5: aborted, the consumer gets nothing more, and the tasks that wait are refused")
    func aborted() async throws {
        let buffer = buffer()
        let handle = try handle(buffer)
        for number in 0..<4 { try await handle.write(number) }
        let waiting = Task { @MainActor in try await handle.write(4) }
        await Task.yield()
        handle.abort(.aborted)
        await #expect(throws: EndReason.self) { try await waiting.value }
        #expect(readAll(buffer) == [])
        #expect(buffer.end?.code == .aborted)
        #expect(handle.snapshot.delivery.dropped.elements == 4)
    }

    @Test("C6.1: the consumer ends early: tasks that wait and those that come are told why")
    func consumerEnds() async throws {
        let buffer = buffer()
        let handle = try handle(buffer)
        for number in 0..<4 { try await handle.write(number) }
        let waiting = Task { @MainActor in try await handle.write(4) }
        await Task.yield()
        buffer.fail(TestFailure())
        clock.settle()
        await #expect(throws: TestFailure.self) { try await waiting.value }
        await #expect(throws: TestFailure.self) { try await handle.write(5) }
        #expect(handle.snapshot.delivery.dropped.elements == 4)
        await #expect(throws: DeliveryError.self) { try await handle.finish() }
    }

    @Test("C9.4: the task that waits for the receipt is cancelled: the consumer is failed, never left open")
    func cancelledFinish() async throws {
        let buffer = buffer()
        let handle = try handle(buffer)
        for number in 0..<4 { try await handle.write(number) }
        let finishing = Task { @MainActor in try await handle.finish() }
        await Task.yield()
        finishing.cancel()
        await Task.yield()
        #expect(readAll(buffer) == [])
        let error = await #expect(throws: DeliveryError.self) { try await finishing.value }
        #expect(error?.end.code == .cancelled)
        #expect(buffer.end?.code == .cancelled)
    }

    @Test("dropped without an end, the consumer gets what was written and never looks finished")
    func dropped() async throws {
        let buffer = buffer()
        do {
            let handle = try handle(buffer)
            for number in 0..<3 { try await handle.write(number) }
        }
        #expect(readAll(buffer) == [0, 1, 2])
        #expect(buffer.end?.code == .lost)
        let unused = self.buffer()
        do { _ = try handle(unused) }
        clock.settle()
        #expect(unused.end?.code == .lost)
    }

    @Test("the consumer is never heard of again: nobody waits for its receipt")
    func forgotten() async throws {
        let buffer = buffer()
        let handle = try handle(buffer)
        try await handle.write(1)
        let finishing = Task { @MainActor in try await handle.finish() }
        await Task.yield()
        buffer.unregisterProducer()
        let error = await #expect(throws: DeliveryError.self) { try await finishing.value }
        #expect(error?.end.code == .lost)
    }

    @Test("tasks, or the one who has the near end, not both")
    func oneOrTheOther() async throws {
        let clock = VirtualClock()
        let here = try handle(buffer())
        _ = try here.consumer(on: clock)
        #expect(throws: RegistrationError.alreadyAttached) { try here.consumer(on: clock) }
        await #expect(throws: RegistrationError.alreadyAttached) { try await here.write(1) }
        let there = try handle(buffer())
        try await there.write(1)
        #expect(throws: RegistrationError.alreadyAttached) { try there.consumer(on: clock) }
    }
}
