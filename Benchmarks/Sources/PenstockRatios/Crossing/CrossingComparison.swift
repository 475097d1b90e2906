import AsyncAlgorithms
import LoopbackLoad
import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

/// What it costs to get an element from one event loop to another, and how much is under way meanwhile.
///
/// The reference is the channel of swift-async-algorithms, between two tasks: it has the same marks, and pauses its producer by
/// suspending it.
enum CrossingComparison {
    static let comparisons: [Comparison] = [
        comparison("int", "an Int", size: 8, elements: (1_000_000, 200_000)) { $0 },
        comparison("1KiB", "a ByteBuffer of 1 KiB", size: 1 << 10, elements: (500_000, 100_000), bytes(1 << 10)),
        comparison("16KiB", "a ByteBuffer of 16 KiB", size: 16 << 10, elements: (200_000, 50_000), bytes(16 << 10)),
        comparison("64KiB", "a ByteBuffer of 64 KiB", size: 64 << 10, elements: (50_000, 10_000), bytes(64 << 10)),
    ]

    /// In elements, on either side.
    private static let marks = Watermarks(low: 128, high: 256)

    private static func comparison<Element: Sendable>(
        _ name: String,
        _ what: String,
        size: Int,
        elements: (full: Int, quick: Int),
        _ make: @escaping @Sendable (Int) -> Element
    ) -> Comparison {
        Comparison(
            name: "crossing/\(name)",
            summary: "\(what) from one event loop to another, marks of 128 and 256 elements",
            figures: [
                Figure("time", unit: "ns/element", target: .ratioAtMost(1)),
                Figure("peak", unit: "elements", target: .atMost(257)),
            ],
            references: [
                Side(label: "async channel") { try await channel(elements, $0, make) },
                Side(label: "tasks") { try await tasks(elements, $0, make) },
            ],
            candidate: Side(label: "Penstock") { try await crossing(elements, $0, make) }
        )
    }

    /// Each a view of the same bytes: what is measured is the way, not the making.
    private static func bytes(_ size: Int) -> @Sendable (Int) -> ByteBuffer {
        let buffer = ByteBuffer(repeating: 1, count: size)
        return { _ in buffer }
    }

    private static func sample(_ time: Duration, _ count: Int, peak: Int?) -> [String: Double] {
        ["time": time / .nanoseconds(1) / Double(count), "peak": peak.map(Double.init) ?? .nan]
    }

    // MARK: Ways

    private static func crossing<Element: Sendable>(
        _ elements: (full: Int, quick: Int),
        _ scale: Scale,
        _ make: @escaping @Sendable (Int) -> Element
    ) async throws -> [String: Double] {
        let count = scale.pick(full: elements.full, quick: elements.quick)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let (near, far) = (group.next(), group.next())
        let crossing = Crossing<Element>(marks: marks, weight: { _ in 1 })
        let received = far.makePromise(of: Int.self)
        let peak = near.makePromise(of: Int.self)
        let start = ContinuousClock.now
        try await far.submit {
            let scheduler = EventLoopScheduler.current(on: far)
            let sink = NullConsumer<Element>(weight: { _ in 1 }, scheduler: scheduler)
            sink.onEnd = { received.succeed($1.accepted.elements) }
            try crossing.source(on: scheduler).attach(to: sink)
        }.get()
        try await near.submit {
            let scheduler = EventLoopScheduler.current(on: near)
            let consumer = try crossing.consumer(on: scheduler)
            consumer.onEnd = { [unowned consumer] _, _ in peak.succeed(consumer.snapshot.peak) }
            try SequenceSource((0..<count).lazy.map(make), scheduler: scheduler).attach(to: consumer)
        }.get()
        guard try await received.futureResult.get() == count else {
            throw MeasurementError("crossing: not every element arrived")
        }
        let time = ContinuousClock.now - start
        let most = try await peak.futureResult.get()
        try await group.shutdownGracefully()
        return sample(time, count, peak: most)
    }

    private static func tasks<Element: Sendable>(
        _ elements: (full: Int, quick: Int),
        _ scale: Scale,
        _ make: @escaping @Sendable (Int) -> Element
    ) async throws -> [String: Double] {
        let count = scale.pick(full: elements.full, quick: elements.quick)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let far = group.next()
        let start = ContinuousClock.now
        let handle = try await far.submit {
            let scheduler = EventLoopScheduler.current(on: far)
            let sink = NullConsumer<Element>(weight: { _ in 1 }, scheduler: scheduler)
            return try ConsumerHandle(sink, marks: marks, weight: { _ in 1 })
        }.get()
        for number in 0..<count { try await handle.write(make(number)) }
        guard try await handle.finish().accepted.elements == count else {
            throw MeasurementError("tasks: not every element arrived")
        }
        let time = ContinuousClock.now - start
        let peak = handle.snapshot.peak
        try await group.shutdownGracefully()
        return sample(time, count, peak: peak)
    }

    private static func channel<Element: Sendable>(
        _ elements: (full: Int, quick: Int),
        _ scale: Scale,
        _ make: @escaping @Sendable (Int) -> Element
    ) async throws -> [String: Double] {
        let count = scale.pick(full: elements.full, quick: elements.quick)
        var ends = MultiProducerSingleConsumerAsyncChannel.makeChannel(
            of: Element.self,
            backpressureStrategy: .watermark(low: marks.low, high: marks.high)
        )
        let channel = ends.takeChannel()
        var source = ends.source
        let start = ContinuousClock.now
        let elements = channel.elements()
        let reading = Task.detached {
            var received = 0
            for await _ in elements { received += 1 }
            return received
        }
        for number in 0..<count { try await source.send(make(number)) }
        source.finish()
        guard await reading.value == count else { throw MeasurementError("channel: not every element arrived") }
        return sample(ContinuousClock.now - start, count, peak: nil)
    }
}
