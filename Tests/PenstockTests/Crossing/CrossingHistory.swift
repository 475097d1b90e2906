import Penstock
import PenstockTesting

/// A crossing from an obedient writer to a buffer, each in a domain that turns only when told to, and what must hold of it.
final class CrossingHistory {
    /// What happens next.
    enum Step: CaseIterable {
        case write, writeTwo, nearTurns, farTurns, take
        case finish, fail, abort, readerAborts, writerGoes, readerGoes

        static let moves: [Step] = [.write, .nearTurns, .farTurns, .take]
        static let ends: [Step] = [.finish, .fail, .abort, .readerAborts, .writerGoes, .readerGoes]
    }

    private static let high = 3

    private let nearClock = VirtualClock()
    private let farClock = VirtualClock()
    private let producer = StrictProducer()
    private let buffer: Buffer<Int>
    private var near: CrossingConsumer<Int>?
    private var log: [Step] = []
    private var written = 0
    private var read: [Int] = []
    private var told: [(reason: EndReason, delivery: Delivery)] = []
    private(set) var problems: [String] = []

    init() throws {
        buffer = Buffer(marks: Watermarks(low: 1, high: 2), weight: { _ in 1 }, scheduler: farClock)
        let crossing = Crossing<Int>(marks: Watermarks(low: 1, high: Self.high), weight: { _ in 1 })
        try crossing.source(on: farClock).attach(to: buffer)
        let near = try crossing.consumer(on: nearClock)
        near.onEnd = { [unowned self] in told.append(($0, $1)) }
        try near.registerProducer(producer)
        self.near = near
    }

    func run(_ step: Step) {
        log.append(step)
        switch step {
        case .write: write(1)
        case .writeTwo: write(2)
        case .nearTurns: nearClock.runTurn()
        case .farTurns: farClock.runTurn()
        case .take: if let element = buffer.take() { read.append(element) }
        case .finish:
            near?.unregisterProducer()
            producer.unregistered()
            near?.finish()
        case .fail: near?.fail(TestFailure())
        case .abort: near?.abort(.cancelled)
        case .readerAborts: buffer.abort(EndReason(.lost))
        case .writerGoes: near = nil
        case .readerGoes: buffer.unregisterProducer()
        }
        if let near, near.snapshot.peak > Self.high + 2 { problems.append("the level was \(near.snapshot.peak)") }
        if buffer.snapshot.peak > 3 { problems.append("\(buffer.snapshot.peak - 3) elements came after the pause") }
    }

    /// Lets everything happen, and looks whether it did.
    func conclude() {
        repeat {
            while nearClock.runTurn() || farClock.runTurn() {}
            while let element = buffer.take() { read.append(element) }
        } while !nearClock.isIdle || !farClock.isIdle
        problems += producer.violations
        let ends = log.filter(Step.ends.contains)
        expect(read == Array(0..<read.count), "came out of order: \(read)")
        expect(told.count <= 1, "the writer was told \(told.count) ends")
        let accepted = buffer.snapshot.delivery.accepted.elements
        if let (_, delivery) = told.first {
            let handedOver = delivery.accepted.elements - delivery.dropped.elements
            expect(handedOver == accepted, "handed over \(handedOver), and \(accepted) came")
            // Each weighs 1.
            expect(delivery.dropped.weight == delivery.dropped.elements, "\(delivery)")
        }
        if ends.isEmpty {
            expect(read.count == written, "\(written) were written, \(read.count) came")
            expect(told.isEmpty && buffer.end == nil, "it ended by itself")
            expect(producer.state == .running, "the writer still waits")
            expect(near?.snapshot.level == 0, "the level is \(near?.snapshot.level ?? -1)")
            return
        }
        expect(producer.state == .over || near == nil, "the writer was not stopped")
        if near != nil { expect(told.count == 1, "the writer was not told the end") }
        if ends != [.readerGoes] {
            expect(buffer.end != nil || ends.contains(.readerGoes), "the reader was not told the end")
        }
        guard ends.count == 1 else { return }
        let (here, there) = (told.first?.reason, buffer.end)
        switch ends[0] {
        case .finish:
            expect(here?.code == .finished && there?.code == .finished, "ends \(String(describing: (here, there)))")
            expect(read.count == written, "\(written) were written, \(read.count) came")
            expect(told.first?.delivery.isComplete == true, "\(told)")
        case .fail:
            expect(
                here?.error is TestFailure && there?.error is TestFailure,
                "ends \(String(describing: (here, there)))"
            )
            expect(read.count == written, "\(written) were written, \(read.count) came")
        case .abort:
            expect(here?.code == .cancelled && there?.code == .cancelled, "ends \(String(describing: (here, there)))")
        case .readerAborts: expect(here?.code == .lost, "ends \(String(describing: (here, there)))")
        case .writerGoes:
            expect(there?.code == .lost, "ends \(String(describing: (here, there)))")
            expect(read.count == written, "\(written) were written, \(read.count) came")
        case .readerGoes: expect(here?.code == .lost && there == nil, "ends \(String(describing: (here, there)))")
        default: break
        }
    }

    private func write(_ count: Int) {
        guard let near, producer.state == .running else { return }
        let numbers = written..<written + count
        let outcome = count == 1 ? near.write(written) : near.write(contentsOf: numbers)
        if outcome != .closed { written += count }
    }

    private func expect(_ condition: Bool, _ problem: @autoclosure () -> String) {
        if !condition { problems.append("\(problem()), after \(log)") }
    }
}
