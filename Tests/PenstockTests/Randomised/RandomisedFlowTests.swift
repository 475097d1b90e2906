import Penstock
import PenstockTesting
import Testing

@Suite("Random histories against a naive model")
struct RandomisedFlowTests {
    @Test(
        "Level exact, order kept, nothing lost, signals legal, nobody left waiting",
        arguments: SeededGenerator.seeds(200)
    )
    func anything(seed: UInt64) throws {
        var history = RandomHistory(seed: seed)
        for _ in 0..<400 { history.step() }
        history.finish()
        #expect(history.problems == [], "set PENSTOCK_SEED=\(seed) to repeat: \(history.log.suffix(40))")
    }

    @Test(
        "C10.2: obedient producers never lift the level beyond what the contract allows",
        arguments: SeededGenerator.seeds(100)
    )
    func peak(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let low = Int.random(in: 0...20, using: &random)
        let high = low + Int.random(in: 0...20, using: &random)
        let heaviest = Int.random(in: 1...15, using: &random)
        let isPush = Bool.random(using: &random)
        let clock = VirtualClock()
        let buffer = Buffer<Int>(marks: Watermarks(low: low, high: high), weight: { $0 }, scheduler: clock)
        let source = random
        let producer = StrictProducer()
        let puller = ScriptedPuller()
        if isPush {
            var weights = source
            let produce = {
                while producer.state == .running { buffer.write(Int.random(in: 1...heaviest, using: &weights)) }
            }
            producer.onResume = produce
            try buffer.registerProducer(producer)
            produce()
        } else {
            var weights = source
            puller.onAsk = { _ in buffer.write(Int.random(in: 1...heaviest, using: &weights)) }
            try buffer.registerProducer(puller)
        }
        for _ in 0..<500 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: buffer.hold()
            case 1: buffer.release()
            case 2: clock.runTurn()
            default: _ = buffer.take()
            }
        }
        #expect(buffer.snapshot.peak <= (isPush ? high : low) + heaviest, "PENSTOCK_SEED=\(seed)")
        #expect(producer.violations == [], "PENSTOCK_SEED=\(seed)")
        #expect(puller.deepest <= 1, "PENSTOCK_SEED=\(seed)")
    }
}

/// One random history of a buffer and its naive model, side by side.
private struct RandomHistory {
    private(set) var problems: [String] = []
    private(set) var log: [String] = []

    private let world: World
    private var random: SeededGenerator

    /// What the signals of producers act on as well.
    private final class World {
        let clock = VirtualClock()
        let buffer: Buffer<(number: Int, weight: Int)>
        var model: NaiveModel
        var random: SeededGenerator
        var nextNumber = 0
        var push: StrictProducer?
        var pull: ScriptedPuller?
        var isPullStopped = false
        var everyPush: [StrictProducer] = []
        var log: [String] = []
        var depth = 0

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed &+ 1)
            let low = Int.random(in: 0...6, using: &random)
            let high = low + Int.random(in: 0...6, using: &random)
            model = NaiveModel(low: low, high: high)
            buffer = Buffer(marks: Watermarks(low: low, high: high), weight: { $0.weight }, scheduler: clock)
            buffer.gate.limit = nil
        }

        func write(_ count: Int) {
            var elements: [(number: Int, weight: Int)] = []
            for _ in 0..<count {
                let element = (number: nextNumber, weight: Int.random(in: 1...5, using: &random))
                nextNumber += 1
                elements.append(element)
                model.write(number: element.number, weight: element.weight)
            }
            log.append("write \(elements.map(\.weight))")
            // Any write answers the question, so a pull producer that is stopped mid-way is the buffer's affair.
            if count == 1, let element = elements.first {
                buffer.write(element)
            } else {
                buffer.write(contentsOf: elements)
            }
        }

        func take() {
            let expected = model.take()
            log.append("take")
            let actual = buffer.take()?.number
            if actual != expected {
                log.append("MISMATCH took \(String(describing: actual)), not \(String(describing: expected))")
            }
        }

        func unregister() {
            log.append("unregister")
            push?.unregistered()
            push = nil
            pull = nil
            buffer.unregisterProducer()
        }

        func registerPush() {
            guard push == nil, pull == nil else { return }
            log.append("register push")
            let producer = StrictProducer()
            everyPush.append(producer)
            push = producer
            producer.onPause = { [unowned self] in insideSignal("pause") }
            producer.onResume = { [unowned self] in insideSignal("resume") }
            producer.onStop = { [unowned self] _ in push = nil }
            do { try buffer.registerProducer(producer) } catch { log.append("MISMATCH \(error)") }
        }

        func registerPull() {
            guard push == nil, pull == nil else { return }
            log.append("register pull")
            let puller = ScriptedPuller()
            pull = puller
            puller.onAsk = { [unowned self] _ in insideSignal("ask") }
            puller.onStop = { [unowned self] in pull = nil }
            do { try buffer.registerProducer(puller) } catch { log.append("MISMATCH \(error)") }
        }

        /// Producers may do anything inside a signal (C4.4), now and then.
        func insideSignal(_ signal: String) {
            log.append(signal)
            depth += 1
            defer { depth -= 1 }
            guard depth < 4 else { return }
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3: write(1)
            case 4: write(Int.random(in: 0...4, using: &random))
            case 5: take()
            case 6:
                unregister()
                if Bool.random(using: &random) { registerPush() } else { registerPull() }
            case 7: hold("inside")
            default: break
            }
        }

        func hold(_ name: String) {
            log.append("hold \(name)")
            model.holds.insert(name)
            buffer.hold(Hold(name))
        }

        func release(_ name: String) {
            log.append("release \(name)")
            model.holds.remove(name)
            buffer.release(Hold(name))
        }
    }

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        world = World(seed: seed)
    }

    mutating func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0...3: world.write(1)
        case 4: world.write(Int.random(in: 0...5, using: &random))
        case 5...10: world.take()
        case 11: world.hold(Bool.random(using: &random) ? "a" : "b")
        case 12: world.release("a")
        case 13:
            world.release("b")
            world.release("inside")
        case 14: world.registerPush()
        case 15: world.registerPull()
        case 16: if Int.random(in: 0..<3, using: &random) == 0 { world.unregister() }
        case 17:
            world.model.low = Int.random(in: 0...6, using: &random)
            world.model.high = world.model.low + Int.random(in: 0...6, using: &random)
            world.log.append("marks \(world.model.low)/\(world.model.high)")
            world.buffer.marks = Watermarks(low: world.model.low, high: world.model.high)
        case 18:
            world.log.append("turn")
            world.clock.runTurn()
        default:
            world.log.append("rest")
            world.clock.settle()
            checkAtRest()
        }
        check()
    }

    /// Releases everything, ends the stream and reads it out.
    mutating func finish() {
        for name in ["a", "b", "inside"] { world.release(name) }
        world.clock.settle()
        checkAtRest()
        world.unregister()
        world.log.append("finish")
        world.model.isTaking = false
        world.buffer.finish()
        world.write(1)
        while world.buffer.count > 0 { world.take() }
        world.clock.settle()
        check()
        if world.buffer.end?.code != .finished { problems.append("did not end: \(world.buffer.snapshot)") }
        let delivery = world.buffer.snapshot.delivery
        if delivery.dropped.elements != 0 { problems.append("dropped \(delivery.dropped)") }
        if world.model.takenNumbers.count != world.model.written { problems.append("lost something") }
    }

    private mutating func check() {
        let snapshot = world.buffer.snapshot
        let model = world.model
        if snapshot.level != model.level { problems.append("level \(snapshot.level), not \(model.level)") }
        if world.buffer.count != model.held.count {
            problems.append("holds \(world.buffer.count), not \(model.held.count)")
        }
        if snapshot.delivery.accepted.elements != model.written { problems.append("accepted is wrong") }
        if snapshot.delivery.refused.elements != model.refused { problems.append("refused is wrong") }
        if world.model.isTaking, let push = world.push, (push.state == .paused) != snapshot.isPaused {
            problems.append("paused by the buffer: \(snapshot.isPaused), by the producer: \(push.state)")
        }
        if let push = world.push, !model.hasRoom, model.isTaking, push.state == .running {
            problems.append("a running producer without room")
        }
        problems += world.everyPush.flatMap(\.violations)
        problems += world.log.filter { $0.hasPrefix("MISMATCH") }
        log = world.log
    }

    /// C4.8, C5.2: nobody waits for something that has come to be.
    private mutating func checkAtRest() {
        guard world.model.wantsElements else { return }
        if let push = world.push, push.state == .paused { problems.append("a producer is left paused") }
        if world.pull != nil, !world.buffer.snapshot.isAsked { problems.append("a pull producer is left unasked") }
    }
}
