import AsyncAlgorithms
import NIOCore
import Penstock
import PenstockNIO

/// Two tasks on one event loop, one that writes and one that reads.
actor DoorDomain {
    /// What has passed from one task to the other.
    struct Passage: Sendable {
        var arrived = 0
        /// The most elements that were on the way at once.
        var peak = 0
    }

    private let eventLoop: any EventLoop
    private var sent = 0
    private var passage = Passage()

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    func penstock<Element: Sendable>(_ elements: Int, _ make: @Sendable @escaping (Int) -> Element) async throws
        -> Passage
    {
        begin()
        let buffer = Buffer<Element>(
            marks: Watermarks(low: 16, high: 32),
            weight: { _ in 1 },
            scheduler: EventLoopScheduler.current(on: eventLoop)
        )
        let writing = Task {
            let writer = try AsyncWriter(buffer)
            for number in 0..<elements {
                try await writer.write(make(number))
                didSend()
            }
            try await writer.finish()
        }
        for try await _ in buffer.elements { didArrive() }
        try await writing.value
        return passage
    }

    func stream<Element: Sendable>(_ elements: Int, _ make: @Sendable @escaping (Int) -> Element) async -> Passage {
        begin()
        let (stream, continuation) = AsyncStream.makeStream(of: Element.self)
        Task {
            for number in 0..<elements {
                continuation.yield(make(number))
                didSend()
            }
            continuation.finish()
        }
        for await _ in stream { didArrive() }
        return passage
    }

    func channel<Element: Sendable>(_ elements: Int, _ make: @Sendable @escaping (Int) -> Element) async -> Passage {
        begin()
        let channel = AsyncChannel<Element>()
        Task {
            for number in 0..<elements {
                await channel.send(make(number))
                didSend()
            }
            channel.finish()
        }
        for await _ in channel { didArrive() }
        return passage
    }

    func call<Element: Sendable>(_ elements: Int, _ make: @Sendable (Int) -> Element) -> Passage {
        begin()
        for number in 0..<elements { take(make(number)) }
        return passage
    }

    @inline(never)
    private func take<Element>(_ element: Element) {
        didSend()
        didArrive()
    }

    private func begin() {
        sent = 0
        passage = Passage()
    }

    private func didSend() {
        sent += 1
        passage.peak = max(passage.peak, sent - passage.arrived)
    }

    private func didArrive() { passage.arrived += 1 }
}
