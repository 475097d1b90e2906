import Penstock
import PenstockTesting
import Testing

@Suite("C1, C2: registration and unregistration")
struct RegistrationTests {
    let clock = VirtualClock()

    func buffer(low: Int = 2, high: Int = 4) -> Buffer<Int> {
        Buffer(marks: Watermarks(low: low, high: high), weight: { _ in 1 }, scheduler: clock)
    }

    @Test("B1, C1.1: a second producer is refused, and neither is called", arguments: ConsumerKind.roomy)
    func refusesSecond(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        let first = StrictProducer()
        let second = StrictProducer()
        let puller = ScriptedPuller()
        try consumer.registerProducer(first)
        #expect(throws: RegistrationError.alreadyRegistered) { try consumer.registerProducer(second) }
        #expect(throws: RegistrationError.alreadyRegistered) { try consumer.registerProducer(first) }
        #expect(throws: RegistrationError.alreadyRegistered) { try consumer.registerProducer(puller) }
        #expect(first.signals == [])
        #expect(second.signals == [])
        #expect(puller.questions == 0 && puller.stops.isEmpty)
        consumer.hold()
        #expect(first.signals == [.pause])
        #expect(second.signals == [])
    }

    @Test("B2, C1.3: on an ended consumer a producer is stopped once and not kept", arguments: ConsumerKind.allCases)
    func stopsOnEnded(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        consumer.abort(.aborted)
        weak var kept: StrictProducer?
        weak var keptPuller: ScriptedPuller?
        do {
            let producer = StrictProducer()
            let puller = ScriptedPuller()
            kept = producer
            keptPuller = puller
            try consumer.registerProducer(producer)
            #expect(producer.signals == [.stop])
            #expect(producer.stopReason?.code == .aborted)
            try consumer.registerProducer(puller)
            #expect(puller.stops.count == 1 && puller.questions == 0)
            clock.settle()
            #expect(producer.signals == [.stop])
            #expect(puller.stops.count == 1 && puller.questions == 0)
        }
        #expect(kept == nil)
        #expect(keptPuller == nil)
    }

    @Test("B3, C2.1: unregistering without a producer does nothing", arguments: ConsumerKind.roomy)
    func unregisterTwice(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        consumer.unregisterProducer()
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        consumer.unregisterProducer()
        producer.unregistered()
        consumer.unregisterProducer()
        #expect(consumer.snapshot.kind == .none)
        #expect(consumer.snapshot.phase == .open)
        #expect(producer.signals == [])
    }

    @Test("B4, C2.1: after unregistering another producer is accepted, of either kind", arguments: ConsumerKind.roomy)
    func acceptsNext(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        let first = StrictProducer()
        try consumer.registerProducer(first)
        consumer.unregisterProducer()
        first.unregistered()
        let puller = ScriptedPuller()
        try consumer.registerProducer(puller)
        consumer.unregisterProducer()
        let third = StrictProducer()
        try consumer.registerProducer(third)
        consumer.hold()
        #expect(first.signals == [])
        #expect(puller.stops.isEmpty)
        #expect(third.signals == [.pause])
    }

    @Test("C1.4: a push producer that fills a connecting consumer is paused at once, and resumed when it drains")
    func pushWhileConnecting() throws {
        let gate = Gate(
            name: "connecting",
            flow: FlowControl(marks: Watermarks(low: 2, high: 4), limit: nil, isConnected: false),
            scheduler: clock
        )
        let producer = StrictProducer()
        try gate.register(producer)
        #expect(gate.flow.phase == .connecting)
        gate.accept(weight: 4)
        #expect(producer.signals == [])
        gate.accept(weight: 1)
        #expect(producer.signals == [.pause])
        gate.connected()
        #expect(producer.signals == [.pause])
        gate.drain(weight: 3)
        #expect(producer.signals == [.pause, .resume])
        #expect(producer.violations == [])
    }

    @Test("C1.4: a pull producer is asked when the connection is there, not before")
    func pullWhileConnecting() throws {
        let gate = Gate(
            name: "connecting",
            flow: FlowControl(marks: Watermarks(low: 2, high: 4), limit: nil, isConnected: false),
            scheduler: clock
        )
        let puller = ScriptedPuller()
        try gate.register(puller)
        clock.settle()
        #expect(puller.questions == 0)
        gate.connected()
        #expect(puller.questions == 1)
    }

    @Test("C1.5: while the stream is ending a newcomer is stopped, and whoever is registered is not")
    func stopsNewcomerWhileEnding() throws {
        let buffer = buffer()
        let first = StrictProducer()
        try buffer.registerProducer(first)
        buffer.write(1)
        buffer.finish()
        #expect(buffer.snapshot.phase == .finishing)
        let duringFinishing = StrictProducer()
        try buffer.registerProducer(duringFinishing)
        #expect(duringFinishing.signals == [.stop])
        #expect(throws: RegistrationError.alreadyRegistered) { try buffer.registerProducer(first) }
        #expect(first.signals == [])
        #expect(buffer.write(2) == .room)

        buffer.unregisterProducer()
        first.unregistered()
        #expect(buffer.snapshot.phase == .draining)
        let duringDraining = StrictProducer()
        try buffer.registerProducer(duringDraining)
        let puller = ScriptedPuller()
        try buffer.registerProducer(puller)
        #expect(duringDraining.signals == [.stop])
        #expect(puller.stops.count == 1 && puller.questions == 0)
        #expect(buffer.take() == 1)
        #expect(buffer.take() == 2)
        #expect(buffer.end?.code == .finished)
        #expect(first.violations == [])
    }

    @Test("B34, C1.6: registration calls nothing if there is room, up to exactly the high mark", arguments: 0...4)
    func runningFromTheStart(level: Int) throws {
        let buffer = buffer()
        buffer.write(contentsOf: 0..<level)
        let producer = StrictProducer()
        try buffer.registerProducer(producer)
        clock.settle()
        #expect(producer.signals == [])
    }

    @Test("C1.6: registration pauses once, before it returns, if there is no room")
    func pausesAtRegistration() throws {
        let full = buffer()
        full.write(contentsOf: 0..<5)
        let producer = StrictProducer()
        try full.registerProducer(producer)
        #expect(producer.signals == [.pause])

        let held = buffer()
        held.hold()
        let another = StrictProducer()
        try held.registerProducer(another)
        #expect(another.signals == [.pause])
        held.release()
        #expect(another.signals == [.pause, .resume])
    }

    @Test("B23, C1.7: a pull producer is asked before registration returns", arguments: ConsumerKind.roomy)
    func asksAtRegistration(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        let puller = ScriptedPuller()
        try consumer.registerProducer(puller)
        #expect(puller.questions == 1)
        clock.settle()
        #expect(puller.questions == 1)
    }

    @Test("C1.7: above the low mark, or held, the first question waits until that is over")
    func asksWhenWanted() throws {
        let buffer = buffer()
        buffer.write(contentsOf: 0..<3)
        buffer.hold()
        let puller = ScriptedPuller()
        try buffer.registerProducer(puller)
        #expect(puller.questions == 0)
        _ = buffer.take()
        #expect(puller.questions == 0)
        buffer.release()
        #expect(puller.questions == 1)
    }

    @Test("C1.7: a later turn that an earlier producer waited for does not delay the first question of the next")
    func asksAtRegistrationWithTurnPending() throws {
        let buffer = buffer()
        let first = ScriptedPuller()
        let gate = buffer.gate
        first.onAsk = { _ in _ = gate.acceptEmpty() }
        try buffer.registerProducer(first)
        #expect(!clock.isIdle)
        buffer.unregisterProducer()
        let second = ScriptedPuller()
        try buffer.registerProducer(second)
        #expect(second.questions == 1)
        clock.settle()
        #expect(first.questions == 1)
        #expect(second.questions == 1)
    }

    @Test(
        "C1.9: producer and consumer hold each other until the producer unregisters or is stopped",
        arguments: [true, false]
    )
    func releasesBoth(byStop: Bool) throws {
        weak var producerLeft: SequenceSource<ClosedRange<Int>>?
        weak var consumerLeft: Buffer<Int>?
        var results: [EndReason.Code] = []
        do {
            let buffer = buffer(low: 0, high: 0)
            let source = SequenceSource(1...3, scheduler: clock)
            producerLeft = source
            consumerLeft = buffer
            try source.attach(to: buffer, atEnd: .finish, done: { results.append($0.end.code) })
        }
        // Nobody outside holds either of them.
        #expect(producerLeft != nil && consumerLeft != nil)
        if byStop {
            consumerLeft?.abort(.cancelled)
        } else {
            while consumerLeft?.take() != nil {}
        }
        clock.settle()
        #expect(producerLeft == nil)
        #expect(consumerLeft == nil)
        #expect(results == [byStop ? .cancelled : .finished])
    }

    @Test("B20, C2.3: unregistering clears the pause: the next producer is not resumed from it")
    func clearsPause() throws {
        let buffer = buffer()
        let first = StrictProducer()
        try buffer.registerProducer(first)
        buffer.write(contentsOf: 0..<5)
        #expect(first.signals == [.pause])
        _ = buffer.take()
        buffer.unregisterProducer()
        first.unregistered()
        let second = StrictProducer()
        try buffer.registerProducer(second)
        while buffer.take() != nil {}
        clock.settle()
        #expect(second.signals == [])
        #expect(first.violations == [])
    }

    enum Moment: CaseIterable { case pause, resume, ask }

    @Test(
        "C2.2, C4.4: unregistering and registering a successor is legal inside every callback",
        arguments: Moment.allCases
    )
    func successorInsideSignal(moment: Moment) throws {
        let buffer = buffer()
        let successor = StrictProducer()
        let replace = {
            buffer.unregisterProducer()
            do { try buffer.registerProducer(successor) } catch { Issue.record(error) }
        }
        let producer = StrictProducer()
        let puller = ScriptedPuller()
        switch moment {
        case .pause, .resume:
            producer.onPause = moment == .pause ? replace : nil
            producer.onResume = moment == .resume ? replace : nil
            try buffer.registerProducer(producer)
            buffer.write(contentsOf: 0..<5)
        case .ask:
            puller.onAsk = { _ in replace() }
            try buffer.registerProducer(puller)
            buffer.write(contentsOf: 0..<5)
        }
        while buffer.take() != nil {}
        clock.settle()
        switch moment {
        case .pause:
            #expect(producer.signals == [.pause])
            #expect(successor.signals == [.pause, .resume])
        case .resume:
            #expect(producer.signals == [.pause, .resume])
            #expect(successor.signals == [])
        case .ask:
            #expect(puller.questions == 1)
            #expect(successor.signals == [.pause, .resume])
        }
        #expect(successor.violations == [])
        #expect(producer.violations == [])
    }

    @Test("C2.4: a graceful end that waits for the producer proceeds, also from inside its own resume")
    func finishProceedsFromResume() throws {
        for unregistersInside in [true, false] {
            let buffer = buffer()
            let producer = StrictProducer()
            try buffer.registerProducer(producer)
            buffer.write(contentsOf: 0..<5)
            if unregistersInside { producer.onResume = { buffer.unregisterProducer() } }
            buffer.finish()
            while buffer.take() != nil {}
            if !unregistersInside {
                #expect(buffer.end == nil)
                buffer.unregisterProducer()
            }
            #expect(buffer.end?.code == .finished)
            #expect(producer.signals == [.pause, .resume])
        }
    }

    @Test("C2.5: what was written before unregistering goes out", arguments: ConsumerKind.holding)
    func losesNothing(kind: ConsumerKind) throws {
        let consumer = try kind.make(clock)
        let producer = StrictProducer()
        try consumer.registerProducer(producer)
        for n in 1...9 { consumer.write(n) }
        consumer.unregisterProducer()
        consumer.finish()
        #expect(consumer.snapshot.delivery.accepted.elements == 9)
        #expect(consumer.snapshot.delivery.dropped.elements == 0)
        #expect(consumer.snapshot.level == 9)
        #expect(consumer.snapshot.phase == .draining)
    }
}
