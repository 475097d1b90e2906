import Penstock
import PenstockTesting
import Testing

@Suite("Asynchronous reading and writing") @MainActor
struct AsyncDoorTests {
    let clock = VirtualClock()

    private func buffer(low: Int = 1, high: Int = 2) -> Buffer<Int> {
        Buffer(marks: Watermarks(low: low, high: high), weight: { _ in 1 }, scheduler: clock)
    }

    @Test("Everything that is written arrives in order, and the receipt says so")
    func everything() async throws {
        let buffer = buffer()
        let writing = Task { @MainActor in
            let writer = try AsyncWriter(buffer)
            for number in 0..<100 { try await writer.write(number) }
            return try await writer.finish()
        }
        var read: [Int] = []
        for try await number in buffer.elements { read.append(number) }
        #expect(read == Array(0..<100))
        // The end that a reader brings about by taking the last element is told on a later turn.
        await Task.yield()
        clock.settle()
        #expect(try await writing.value.accepted.elements == 100)
        #expect(buffer.snapshot.peak == 3)
    }

    @Test("A task that waits for room and is cancelled has written nothing")
    func cancelledWrite() async throws {
        let buffer = buffer(low: 0, high: 0)
        let writer = try AsyncWriter(buffer)
        try await writer.write(1)
        let waiting = Task { @MainActor in try await writer.write(2) }
        await Task.yield()
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(buffer.take() == 1)
        #expect(buffer.take() == nil)
        try await writer.write(3)
        #expect(buffer.take() == 3)
    }

    @Test("Who leaves the loop early ends the stream")
    func leaving() async throws {
        let buffer = buffer()
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        buffer.write(1)
        for try await number in buffer.elements {
            #expect(number == 1)
            break
        }
        #expect(producer.signals.count == 1)
        #expect(buffer.end?.code == .readerLeft)
    }
}
