import Penstock
import PenstockTesting
import Synchronization
import Testing

@Suite("C9.3: a crossing between two threads")
struct CrossingThreadTests {
    static let count = 1_000_000
    static let marks = Watermarks(low: 128, high: 256)

    /// What was seen on the other side, told once.
    struct Sight: Sendable {
        var count = 0
        var outOfOrder = 0
        var peakHere = 0
        var end: EndReason.Code?
    }

    @Test(
        "a million elements come, each once, in order, and no more than the marks are under way",
        .timeLimit(.minutes(5))
    )
    func million() async throws {
        let crossing = Crossing<Int>(marks: Self.marks, weight: { _ in 1 })
        let (sights, tell) = AsyncStream.makeStream(of: Sight.self)
        let peak = Atomic(0)
        let writer = SchedulerThread { scheduler in
            guard let near = try? crossing.consumer(on: scheduler) else { return }
            near.onEnd = { [weak near] _, _ in peak.store(near?.snapshot.peak ?? -1, ordering: .releasing) }
            try? SequenceSource(0..<Self.count, scheduler: scheduler).attach(to: near)
        }
        let reader = SchedulerThread { scheduler in
            let sink = NullConsumer<Int>(weight: { _ in 1 }, scheduler: scheduler)
            var sight = Sight()
            sink.onElement = { element in
                if element != sight.count { sight.outOfOrder += 1 }
                sight.count += 1
                // A reader that stops now and then, in its own time.
                guard element % 1_000 == 999 else { return }
                sink.hold()
                scheduler.onLaterTurn { sink.release() }
            }
            sink.onEnd = { reason, _ in
                sight.end = reason.code
                tell.yield(sight)
            }
            try? crossing.source(on: scheduler).attach(to: sink)
        }
        let sight = await sights.first { _ in true }
        writer.stop()
        reader.stop()
        #expect(sight?.count == Self.count)
        #expect(sight?.outOfOrder == 0)
        #expect(sight?.end == .finished)
        #expect(peak.load(ordering: .acquiring) <= Self.marks.high + 1)
    }

    @Test("the reader aborts at some moment: the writer is stopped, and its account is exact", .timeLimit(.minutes(5)))
    func aborts() async throws {
        for round in 0..<200 {
            let crossing = Crossing<Int>(marks: Self.marks, weight: { _ in 1 })
            let (accounts, tellAccount) = AsyncStream.makeStream(of: (EndReason.Code, Delivery).self)
            let (counts, tellCount) = AsyncStream.makeStream(of: Int.self)
            let isWriters = round % 2 == 0
            let writer = SchedulerThread { scheduler in
                guard let near = try? crossing.consumer(on: scheduler) else { return }
                near.onEnd = { tellAccount.yield(($0.code, $1)) }
                try? SequenceSource(0..., scheduler: scheduler).attach(to: near)
                guard isWriters else { return }
                for _ in 0..<round { scheduler.runTurn() }
                near.abort(.cancelled)
            }
            let reader = SchedulerThread { scheduler in
                let sink = NullConsumer<Int>(weight: { _ in 1 }, scheduler: scheduler)
                if !isWriters {
                    sink.onElement = { element in if element == 37 * round { sink.abort(.cancelled) } }
                }
                sink.onEnd = { tellCount.yield($1.accepted.elements + $1.refused.elements) }
                try? crossing.source(on: scheduler).attach(to: sink)
            }
            let account = await accounts.first { _ in true }
            let count = await counts.first { _ in true }
            writer.stop()
            reader.stop()
            let (code, delivery) = try #require(account)
            #expect(code == .cancelled)
            #expect(delivery.accepted.elements - delivery.dropped.elements == count)
        }
    }

    @Test("tasks write to a thread: everything comes, in the order of each task", .timeLimit(.minutes(5)))
    func tasks() async throws {
        let (handles, tell) = AsyncStream.makeStream(of: ConsumerHandle<Int>.self)
        let peak = Atomic(0)
        let disorder = Atomic(0)
        let reader = SchedulerThread { scheduler in
            let buffer = Buffer<Int>(marks: Watermarks(low: 8, high: 16), weight: { _ in 1 }, scheduler: scheduler)
            var last = [-1, -1, -1, -1]
            buffer.onReadable = {
                while let element = buffer.take() {
                    let (task, number) = (element & 3, element >> 2)
                    if number <= last[task] { disorder.add(1, ordering: .relaxed) }
                    last[task] = number
                }
                peak.store(buffer.snapshot.peak, ordering: .relaxed)
            }
            if let handle = try? ConsumerHandle(buffer, marks: Self.marks, weight: { _ in 1 }) { tell.yield(handle) }
        }
        let handle = try #require(await handles.first { _ in true })
        try await withThrowingTaskGroup { group in
            for task in 0..<4 {
                group.addTask { for number in 0..<20_000 { try await handle.write(number << 2 | task) } }
            }
            try await group.waitForAll()
        }
        let delivery = try await handle.finish()
        reader.stop()
        #expect(delivery.accepted.elements == 80_000)
        #expect(delivery.isComplete)
        #expect(disorder.load(ordering: .relaxed) == 0)
        #expect(peak.load(ordering: .relaxed) <= 17)
        #expect(handle.snapshot.peak <= Self.marks.high + 1)
    }
}
