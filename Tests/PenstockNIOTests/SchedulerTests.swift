import NIOCore
import NIOPosix
import Penstock
import PenstockNIO
import Testing

extension Sockets {
    @Suite struct SchedulerTests {
        @Test("there is one scheduler for each loop")
        func onePerLoop() async throws {
            for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
                let isSame = try await loop.submit {
                    EventLoopScheduler.current(on: loop) === EventLoopScheduler.current(on: loop)
                }.get()
                #expect(isSame)
            }
        }

        @Test(
            "work put off for ever from turn to turn lets the sockets of the loop go on",
            arguments: SocketFamily.allCases
        )
        func laterTurnLetsSocketsGoOn(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    func again() {
                        guard rig.bytesDelivered == 0 else { return }
                        rig.transport.scheduler.onLaterTurn(again)
                    }
                    again()
                }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(10)) }
                try await pair.subject.until { $0.bytesDelivered == 10 }
            }
        }

        @Test(
            "C5.5: a stream that always has data does not starve a socket of the same loop",
            arguments: SocketFamily.allCases
        )
        func endlessStream(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    let scheduler = rig.transport.scheduler
                    let sink = NullConsumer<ByteBuffer>(scheduler: scheduler)
                    rig.onElement = { sink.abort(.cancelled) }
                    let chunk = Pattern.bytes(1 << 16)
                    try SequenceSource(Endless(chunk), scheduler: scheduler).attach(to: sink)
                }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(10)) }
                try await pair.subject.until { $0.bytesDelivered == 10 }
            }
        }

        @Test("C5.5: one turn moves the loop's budget and no more, divided among its streams")
        func budget() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let chunk = Pattern.bytes(1 << 14)
            let (alone, turns) = try await loop.submit {
                let scheduler = EventLoopScheduler.current(on: loop)
                // The time that a turn may take depends on the machine; here only the weight is to count.
                let time = scheduler.turn.timePerTurn
                scheduler.turn.timePerTurn = .seconds(100)
                scheduler.turn.begin()
                defer { scheduler.turn.timePerTurn = time }
                let sink = NullConsumer<ByteBuffer>(scheduler: scheduler)
                try SequenceSource(Endless(chunk), scheduler: scheduler).attach(to: sink)
                let first = sink.total.weight
                scheduler.turn.begin()
                let other = NullConsumer<ByteBuffer>(scheduler: scheduler)
                try SequenceSource(Endless(chunk), scheduler: scheduler).attach(to: other)
                let second = other.total.weight
                sink.abort(.cancelled)
                other.abort(.cancelled)
                return (first, second)
            }.get()
            #expect(alone > 1 << 19)
            #expect(alone <= 1 << 20 + chunk.weight)
            #expect(turns <= 1 << 20 + chunk.weight)
        }

        @Test("timers run in the order of their deadlines, and not if they were called off")
        func timers() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let done = Signal<[String]>()
            let isPending = try await loop.submit {
                let scheduler = EventLoopScheduler.current(on: loop)
                let log = Log()
                let start = scheduler.now
                scheduler.schedule(after: .milliseconds(20)) {
                    log.lines.append(scheduler.now - start >= .milliseconds(20) ? "third" : "third came early")
                    done.tell(log.lines)
                }
                scheduler.schedule(after: .milliseconds(10)) { log.lines.append("second") }
                let cancelled = scheduler.schedule(after: .milliseconds(15)) { log.lines.append("never") }
                scheduler.onLaterTurn { log.lines.append("first") }
                scheduler.schedule(after: .milliseconds(1)) { cancelled.cancel() }
                return cancelled.isPending
            }.get()
            #expect(isPending)
            #expect(await done.wait() == ["first", "second", "third"])
        }
    }
}

private final class Log {
    var lines: [String] = []
}
