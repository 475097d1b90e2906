import Penstock
import PenstockTesting
import Testing

@Suite("A pull producer that knows which orders are illegal")
struct StrictPullProducerTests {
    let recorder = Recorder()
    let producer: StrictPullProducer

    init() {
        producer = StrictPullProducer(recorder: recorder)
    }

    @Test("A question after each answer is legal, and so is one stop")
    func legal() throws {
        producer.resumeProducing()
        #expect(producer.state == .asked)
        producer.answered()
        #expect(producer.state == .idle)
        producer.resumeProducing()
        producer.stopProducing(.cancelled)
        #expect(producer.state == .over)
        #expect(producer.questions == 2)
        #expect(producer.stopReason?.code == .cancelled)
        #expect(producer.violations == [])
        try recorder.check("ask > ask > stop cancelled")
    }

    @Test("C5.1 A question before the last was answered is a violation")
    func askedTwice() {
        producer.resumeProducing()
        producer.resumeProducing()
        #expect(producer.violations == ["question 2 while asked"])
    }

    @Test("C5.2, C6.1 After a stop, or after unregistering, every signal is a violation")
    func afterTheEnd() {
        producer.stopProducing(.aborted)
        producer.resumeProducing()
        producer.stopProducing(.cancelled)
        #expect(producer.violations == ["question 1 while over", "stop while over"])
        #expect(producer.stopReason?.code == .aborted)
        let other = StrictPullProducer()
        other.unregistered()
        other.answered()
        other.stopProducing(.aborted)
        #expect(other.violations == ["stop while over"])
    }

    @Test("What the test says happens inside the signal, after it was recorded")
    func closures() {
        var seen: [String] = []
        producer.onAsk = { [recorder] in seen.append(recorder.description) }
        producer.onStop = { [recorder] _ in seen.append(recorder.description) }
        producer.resumeProducing()
        producer.stopProducing(.lost)
        #expect(seen == ["ask", "ask > stop lost"])
    }

    @Test("A push producer reports to a recorder by name")
    func strictProducerReports() throws {
        let left = StrictProducer(recorder: recorder, name: "left")
        let right = StrictProducer(recorder: recorder, name: "right")
        left.pauseProducing()
        right.pauseProducing()
        left.resumeProducing()
        right.stopProducing(.lost)
        try recorder.check("left: pause > right: pause > left: resume > right: stop lost")
    }
}

extension EndReason {
    static let lost = EndReason(.lost)
}
