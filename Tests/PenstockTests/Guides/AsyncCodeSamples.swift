import Penstock
import PenstockTesting
import Testing

/// What the guide "Async code on the event loop" shows.
@Suite("The samples of the guide to async code")
struct AsyncCodeSamples {
    @Test func flows() async throws {
        try await SteppedDomain().run { domain in
            let consumer = NullConsumer<Int>(weight: { _ in 1 }, scheduler: domain.clock)
            let task = Task {
                _ = domain
                return try await Self.flow(SequenceSource(1...9, scheduler: domain.clock), consumer)
            }
            domain.settle()
            let summary = try await task.value
            #expect(summary.elements == 9)
        }
    }

    @Test func readsAndWrites() async throws {
        try await SteppedDomain().run { domain in
            let buffer = Buffer<[UInt8]>(marks: .bytes, scheduler: domain.clock)
            let source = SequenceSource([[1], [2], [3]] as [[UInt8]], scheduler: domain.clock)
            let task = Task {
                _ = domain
                let count = try await Self.read(source, domain.clock)
                _ = try await Self.write(buffer)
                return count
            }
            domain.settle()
            while buffer.take() != nil { domain.settle() }
            let count = try await task.value
            #expect(count == 3)
        }
    }

    @Test func isCalledOff() async throws {
        try await SteppedDomain().run { domain in
            let consumer = Buffer<Int>(marks: Watermarks(low: 1, high: 2), weight: { _ in 1 }, scheduler: domain.clock)
            let log = Recorder()
            let task = Task {
                _ = domain
                try await Self.limit(1...9, consumer) { log.record($0) }
            }
            domain.advance(by: .seconds(5))
            try await task.value
            #expect(log.calls.count == 1)
        }
    }

    private static func flow(_ source: SequenceSource<ClosedRange<Int>>, _ consumer: NullConsumer<Int>) async throws
        -> FlowSummary
    {
        let summary = try await source.flow(into: consumer, progress: .atMost(perSecond: 4) { print($0) })
        print("moved \(summary)")
        return summary
    }

    private static func read(_ source: SequenceSource<[[UInt8]]>, _ scheduler: any Scheduler) async throws -> Int {
        var count = 0
        for try await chunk in try source.elements(scheduler: scheduler) {
            count += chunk.count
        }
        return count
    }

    private static func write(_ consumer: Buffer<[UInt8]>) async throws -> Delivery {
        let writer = try AsyncWriter(consumer)
        for number in 0..<10 {
            try await writer.write([UInt8(number)])
        }
        let receipt = try await writer.finish()
        return receipt
    }

    private static func limit(
        _ numbers: ClosedRange<Int>,
        _ consumer: Buffer<Int>,
        log: @escaping (String) -> Void
    ) async throws {
        do {
            try await numbers.flow(into: consumer, deadline: .seconds(5))
        } catch {
            guard error.end.code == .timedOut else { throw error }
            log("\(error)")
        }
    }
}
