import NIOCore
import Penstock
import PenstockNIO

/// The line protocol of the numbers server on one connection: asks, answers line after line, finishes.
///
/// It consumes the lines of the connection. The line that is being answered is its level and the high mark is 0, so reading is
/// held from there back to the client while an answer is under way, and an answer waits for the client to take it.
final class NumbersSession: GatedConsumer {
    typealias Element = Line<ByteBuffer>

    static let maximumLineLength = 1024
    static let question = "How many random integers do you want?\r\n"
    static let complaint = "That is not a whole number from 0 to \(NumbersRequest.most).\r\n"
    static let lineTooLong = "A line has at most \(maximumLineLength) bytes.\r\n"

    let gate: Gate
    /// Sees every buffer before it is written to the connection.
    var willWrite: ((ByteBuffer) -> Void)?

    private let transport: any Transport<ByteBuffer>
    private let framer: LineFramer<ByteBuffer>
    let scheduler: any Scheduler
    private let chunkSize: Int
    private var answer: NumbersAnswer?
    private var weight = 0
    private var isOver = false
    private var isLooking = false
    /// The next line decides what happens, however long it takes; not so once a number has been answered.
    private var awaitsLine = true

    /// - Parameter chunkSize: How many bytes are written at once.
    init(transport: any Transport<ByteBuffer>, chunkSize: Int, scheduler: any Scheduler) {
        self.transport = transport
        self.chunkSize = chunkSize
        self.scheduler = scheduler
        framer = LineFramer(maximumLength: Self.maximumLineLength, scheduler: scheduler)
        gate = Gate(name: "answers", flow: FlowControl(marks: Watermarks(low: 0, high: 0)), scheduler: scheduler)
        gate.owner = self
    }

    /// Asks, and reads from now on.
    func start() {
        say(Self.question)
        do {
            try framer.attach(to: self)
            try transport.attach(to: framer)
        } catch {
            transport.abort(.failed(error))
        }
    }

    /// Finishes if nothing is being answered; otherwise the session comes to its own end.
    func shutdown() {
        if answer == nil { end() }
    }

    // MARK: Lines

    /// Begins the answer to a line.
    func write(_ element: consuming Line<ByteBuffer>) -> WriteOutcome {
        let line = element
        guard gate.admits(weight: line.weight) else { return .closed }
        // An answer may be complete before this returns, and then there is no pause at all.
        gate.enter()
        gate.store(weight: line.weight)
        weight = line.weight
        reply(to: NumbersRequest(line: line.bytes))
        gate.leave()
        return gate.settle()
    }

    /// Lines come one by one.
    func write(contentsOf elements: some Sequence<Line<ByteBuffer>>) -> WriteOutcome {
        var outcome = WriteOutcome.room
        for element in elements { outcome = write(element) }
        return outcome
    }

    func discardHeld() -> Int { 1 }

    /// The client has finished, or sent too long a line, or is gone, and everything before that has been answered.
    func gateDrained(_ reason: EndReason) {
        gate.end(reason)
        guard !isOver else { return }
        isOver = true
        if reason.error is LineTooLong { say(Self.lineTooLong) }
        if reason.isOrderly || reason.error is LineTooLong { transport.finish(within: nil) }
    }

    // MARK: Answers

    private func reply(to request: NumbersRequest) {
        let reply: NumbersAnswer
        switch request {
        case .count(let count):
            reply = makeAnswer(count: count)
            awaitsLine = false
        case .invalid:
            // As an answer, not at once: a client that sends nonsense and never reads is held up like any other.
            reply = makeAnswer(text: ByteBuffer(string: Self.complaint + Self.question))
            awaitsLine = true
        }
        answer = reply
        do { try reply.start() } catch { transport.abort(.failed(error)) }
    }

    private func makeAnswer(text: ByteBuffer? = nil, count: Int = 0) -> NumbersAnswer {
        NumbersAnswer(text: text, count: count, chunkSize: chunkSize, to: transport, willWrite: willWrite) { [self] in
            answered($0)
        }
    }

    private func answered(_ reason: EndReason) {
        answer = nil
        guard !isOver else { return }
        guard reason.isOrderly else {
            isOver = true
            return gate.end(reason)
        }
        gate.drain(weight: weight)
        if answer == nil, !awaitsLine, !isOver { lookForMore() }
    }

    private func say(_ text: String) {
        let text = ByteBuffer(string: text)
        willWrite?(text)
        transport.write(text)
    }

    // MARK: The end

    /// Finishes once it is clear that nothing more had come before the answer ended.
    ///
    /// What had come may still be in the kernel, because reading was held. So reading is on again for two turns, in each of
    /// which the loop looks at the socket, before nothing is taken for nothing.
    private func lookForMore(quietTurns: Int = 0, accepted: Int = -1) {
        if quietTurns == 0, accepted < 0 {
            guard !isLooking else { return }
            isLooking = true
        }
        scheduler.onLaterTurn { [self] in
            guard answer == nil, !awaitsLine, !isOver else {
                isLooking = false
                return
            }
            let isReading = !gate.flow.isPaused && !framer.gate.flow.isPaused
            let now = framer.gate.flow.delivery.accepted.weight
            guard isReading, now == accepted else { return lookForMore(quietTurns: 0, accepted: now) }
            guard quietTurns == 2 else { return lookForMore(quietTurns: quietTurns + 1, accepted: now) }
            isLooking = false
            end()
        }
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        gate.end(.finished)
        transport.finish(within: nil)
    }
}

@available(*, unavailable)
extension NumbersSession: Sendable {}
