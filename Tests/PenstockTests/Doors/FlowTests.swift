import Penstock
import PenstockTesting
import Testing

@Suite("A task flows into a consumer")
struct FlowTests {
    @Test("C4.7: the sequence is asked only when there is room, and nothing is written while paused")
    func zeroSkid() async throws {
        try await SteppedDomain().run { domain in
            let sink = Self.buffer(domain.clock)
            let upstream = Self.buffer(domain.clock)
            let asked = Recorder()
            let flow = Task {
                _ = domain
                let numbers = AsyncNumbers(count: 9, onAsk: { asked.record("\($0)") })
                return try await numbers.flow(into: sink)
            }
            domain.settle()
            #expect(asked.calls == ["1", "2", "3"])
            while sink.take() != nil { domain.settle() }
            let value1 = try await flow.value.elements
            #expect(value1 == 9)

            // Paused while the sequence is awaited: the element waits.
            let second = Self.buffer(domain.clock)
            let late = Task {
                _ = domain
                return try await upstream.elements.flow(into: second)
            }
            domain.settle()
            second.hold()
            upstream.write(1)
            upstream.finish()
            domain.settle()
            #expect(second.isEmpty)
            second.release()
            domain.settle()
            #expect(second.take() == 1)
            let value2 = try await late.value.elements
            #expect(value2 == 1)
        }
    }

    @Test("C6.6: a sequence that ends because the task was cancelled has not come to its end")
    func cancelledIsNoEnd() async throws {
        await SteppedDomain().run { domain in
            let sink = Self.buffer(domain.clock)
            let flow = Task {
                _ = domain
                return try await EndsWhenCancelled().flow(into: sink)
            }
            domain.settle()
            let error = await #expect(throws: FlowError.self) { try await flow.value }
            #expect(error?.end.code == .cancelled)
            #expect(sink.end?.code == .cancelled)
        }
    }

    @Test("C8.5: an element that arrives behind the end is counted, or mentioned")
    func behindTheEnd() async throws {
        for policy in [EndPolicy.finish, .leaveOpen] {
            await SteppedDomain().run { domain in
                let upstream = Self.buffer(domain.clock)
                let sink = Self.buffer(domain.clock)
                let flow = Task {
                    _ = domain
                    try await upstream.elements.flow(into: sink, atEnd: policy, deadline: .seconds(3))
                }
                domain.advance(by: .seconds(3))
                #expect(sink.end?.code == (policy == .finish ? .timedOut : nil))
                upstream.write(1)
                domain.settle()
                let error = await #expect(throws: FlowError.self) { try await flow.value }
                #expect(error?.end.code == .timedOut)
                #expect(error?.end.detail?.hasSuffix("an element that was on its way was dropped") == true)
                #expect(sink.snapshot.delivery.refused.elements == (policy == .finish ? 1 : 0))
                #expect(sink.snapshot.delivery.accepted.elements == 0)
            }
        }
    }

    @Test("C4.9: a deadline says what waited for whom")
    func deadline() async throws {
        await SteppedDomain().run { domain in
            let sink = Self.buffer(domain.clock)
            let flow = Task {
                _ = domain
                try await AsyncNumbers(count: 9).flow(into: sink, deadline: .seconds(2))
            }
            domain.advance(by: .seconds(2))
            let error = await #expect(throws: FlowError.self) { try await flow.value }
            let detail =
                "the flow was not over within 2.0 seconds, and waited for sink to take 3 down to 1, for 2.0 seconds"
            #expect(error?.end.detail == detail)
            #expect(domain.clock.isIdle)
        }
    }

    @Test("C2.1: a flow that is cancelled after somebody else took its place leaves the successor alone")
    func successor() async throws {
        try await SteppedDomain().run { domain in
            let sink = Self.buffer(domain.clock)
            let source = NumberSource(9, scheduler: domain.clock)
            let flow = Task {
                _ = domain
                try await source.flow(into: sink, atEnd: .leaveOpen)
            }
            domain.settle()
            sink.unregisterProducer()
            let successor = StrictProducer()
            try sink.registerProducer(successor)
            flow.cancel()
            domain.settle()
            await #expect(throws: FlowError.self) { try await flow.value }
            #expect(source.stops.map(\.code) == [.cancelled])
            #expect(sink.snapshot.kind == .push)
            #expect(successor.signals == [])
        }
    }

    @Test("C1.1: a flow that cannot begin changes nothing, and says why first")
    func refused() async throws {
        try await SteppedDomain().run { domain in
            let sink = Self.buffer(domain.clock)
            let producer = StrictProducer()
            try sink.registerProducer(producer)
            for kind in 0..<2 {
                let flow = Task {
                    _ = domain
                    if kind == 0 { try await (1...3).flow(into: sink) }
                    if kind == 1 { try await AsyncNumbers(count: 3).flow(into: sink) }
                }
                domain.settle()
                let error = await #expect(throws: FlowError.self) { try await flow.value }
                #expect(error?.underlying as? RegistrationError == .alreadyRegistered)
                #expect(error?.description.hasPrefix("the consumer already has a producer") == true)
            }
            #expect(producer.signals == [])
            #expect(sink.end == nil && sink.isEmpty)
        }
    }

    @Test("The innermost cause is the first that an error says")
    func innermost() {
        let inner = FlowError(end: EndReason(.lost, error: TestFailure(number: 7)), summary: FlowSummary())
        let middle = DeliveryError(end: .failed(inner), delivery: Delivery())
        let outer = FlowError(end: .failed(middle), summary: FlowSummary(elements: 3, weight: 30))
        #expect(
            outer.description.hasPrefix("TestFailure(number: 7); the flow ended: failed; handed over until then: 3 ")
        )
    }

    @Test("Progress is told as often as agreed, and once more at the end")
    func progress() async throws {
        try await SteppedDomain().run { domain in
            let sink = Self.buffer(domain.clock)
            let told = Recorder()
            let source = NumberSource(6, scheduler: domain.clock)
            let flow = Task {
                _ = domain
                try await source.flow(into: sink, progress: .atMost(perSecond: 2) { told.record("\($0)") })
            }
            domain.advance(by: .seconds(2))
            _ = sink.take()
            _ = sink.take()
            domain.advance(by: .milliseconds(500))
            #expect(told.calls == ["2 of 6, 4 per second", "4 of 6, 1 per second"])
            while sink.take() != nil {}
            domain.settle()
            try await flow.value
            #expect(told.calls.last == "6 of 6, 0 per second")
            #expect(told.calls.count == 3)
            #expect(domain.clock.isIdle)
        }
    }

    private static func buffer(_ clock: VirtualClock) -> Buffer<Int> {
        Buffer(marks: Watermarks(low: 1, high: 2), weight: { _ in 1 }, scheduler: clock, name: "sink")
    }
}

/// A sequence that answers nil when its task is cancelled, as `AsyncStream` does.
private struct EndsWhenCancelled: AsyncSequence, AsyncIteratorProtocol {
    mutating func next(isolation actor: isolated (any Actor)?) async throws(Never) -> Int? {
        withUnsafeCurrentTask { $0?.cancel() }
        return nil
    }

    func makeAsyncIterator() -> Self { self }
}
