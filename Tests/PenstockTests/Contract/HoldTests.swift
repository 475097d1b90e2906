import Penstock
import PenstockTesting
import Testing

@Suite("Holds, and what a producer waits for")
struct HoldTests {
    let clock = VirtualClock()
    let buffer: Buffer<Int>
    let producer = StrictProducer()

    init() throws {
        buffer = Buffer(marks: Watermarks(low: 2, high: 4), weight: { _ in 1 }, scheduler: clock, name: "archive")
        try buffer.registerProducer(producer)
    }

    @Test("C4.2: a producer goes on only when no hold is left and the level is low")
    func allHolds() {
        buffer.hold()
        buffer.hold("disk")
        #expect(producer.signals == [.pause])
        buffer.write(contentsOf: 0..<3)
        buffer.release()
        #expect(producer.signals == [.pause])
        buffer.release("disk")
        #expect(producer.signals == [.pause])
        _ = buffer.take()
        #expect(producer.signals == [.pause, .resume])
    }

    @Test("Holds are a set: the same one twice is there once, and one that is not there can be released")
    func set() {
        buffer.release()
        buffer.hold()
        buffer.hold()
        buffer.release()
        #expect(producer.signals == [.pause, .resume])
        #expect(producer.violations == [])
    }

    @Test("C4.9: every reason to wait can be read by name and age, down to who is waited for")
    func waits() throws {
        #expect(buffer.snapshot.waits.isEmpty)
        buffer.hold("disk")
        clock.advance(by: .seconds(3))
        buffer.write(contentsOf: 0..<5)
        clock.advance(by: .seconds(4))
        let waits = buffer.snapshot.waits
        #expect(waits.contains { $0.reason.contains("disk") && $0.age == .seconds(7) })
        #expect(waits.contains { $0.reason.contains("archive to take 5 down to 2") && $0.age == .seconds(7) })

        let map = Map<Int, Int>(
            marks: Watermarks(low: 2, high: 4),
            weight: { _ in 1 },
            scheduler: clock,
            name: "double",
            transform: { $0 * 2 }
        )
        buffer.unregisterProducer()
        try map.attach(to: buffer)
        let upstream = map.snapshot.waits.map(\.reason)
        #expect(upstream.contains { $0.contains("double") && $0.contains("downstream") })
        #expect(upstream.contains { $0.contains("archive") && $0.contains("disk") })
    }

    @Test("C4.9: a late answer has an age, and whoever owes it is named")
    func lateAnswerHasAge() throws {
        buffer.unregisterProducer()
        try buffer.registerProducer(ScriptedPuller())
        clock.advance(by: .seconds(5))
        let waits = buffer.snapshot.waits
        #expect(waits.map(\.age) == [.seconds(5)])
        #expect(waits.first?.reason.contains("pull producer of archive") == true)
    }

    @Test("The snapshot has kind, phase, level, peak, pauses and the time paused")
    func snapshot() {
        buffer.write(contentsOf: 0..<6)
        clock.advance(by: .seconds(2))
        let full = buffer.snapshot
        #expect(full.name == "archive" && full.kind == .push && full.phase == .open && full.isPaused)
        #expect(full.level == 6 && full.peak == 6 && full.pauses == 1 && full.timePaused == .seconds(2))
        #expect(full.marks == Watermarks(low: 2, high: 4))
        while buffer.take() != nil {}
        clock.advance(by: .seconds(2))
        let empty = buffer.snapshot
        #expect(empty.level == 0 && empty.peak == 6 && !empty.isPaused && empty.timePaused == .seconds(2))
    }

    @Test("The observer is told of edges in their order, never of single elements")
    func observer() {
        let log = EdgeLog()
        buffer.observer = log
        buffer.write(contentsOf: 0..<5)
        buffer.write(6)
        while buffer.take() != nil {}
        buffer.hold("disk")
        buffer.release("disk")
        buffer.write(7)
        buffer.finish()
        buffer.abort(.cancelled)
        clock.settle()
        #expect(
            log.edges == [
                "paused", "resumed", "held(disk)", "paused", "released(disk)", "resumed", "finishing",
                "stopped(cancelled)", "dropped(elements: 1)", "ended(cancelled)",
            ]
        )
    }
}
