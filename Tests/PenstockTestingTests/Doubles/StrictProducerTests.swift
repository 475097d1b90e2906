import Penstock
import PenstockTesting
import Testing

@Suite("B114: a producer that knows which orders are illegal")
struct StrictProducerTests {
    let producer = StrictProducer()

    @Test("Legal orders are recorded, and no violation")
    func legal() {
        for _ in 0..<2 {
            producer.pauseProducing()
            #expect(producer.state == .paused)
            producer.resumeProducing()
            #expect(producer.state == .running)
        }
        producer.pauseProducing()
        producer.stopProducing(.cancelled)
        #expect(producer.state == .over)
        #expect(producer.signals == [.pause, .resume, .pause, .resume, .pause, .stop])
        #expect(producer.stopReason?.code == .cancelled)
        #expect(producer.violations == [])
    }

    @Test("A resume of a running producer is a violation")
    func resumeWhileRunning() {
        producer.resumeProducing()
        #expect(producer.violations == ["resume while running, after: nothing"])
    }

    @Test("A second pause is a violation")
    func pauseTwice() {
        producer.pauseProducing()
        producer.pauseProducing()
        #expect(producer.violations == ["pause while paused, after: pause"])
    }

    @Test("A second resume is a violation")
    func resumeTwice() {
        producer.pauseProducing()
        producer.resumeProducing()
        producer.resumeProducing()
        #expect(producer.violations == ["resume while running, after: pause > resume"])
    }

    @Test("After a stop every signal is a violation")
    func afterStop() {
        producer.stopProducing(.finished)
        producer.pauseProducing()
        producer.resumeProducing()
        producer.stopProducing(.aborted)
        #expect(producer.violations.count == 3)
        #expect(producer.violations.last == "stop while over, after: stop > pause > resume")
        #expect(producer.stopReason?.code == .finished)
    }

    @Test("After unregistering every signal is a violation, and after registering again none")
    func afterUnregistering() {
        producer.unregistered()
        producer.pauseProducing()
        producer.resumeProducing()
        producer.stopProducing(.aborted)
        #expect(producer.violations.count == 3)
        let again = StrictProducer()
        again.unregistered()
        again.registeredAgain()
        again.pauseProducing()
        #expect(again.violations == [])
    }

    @Test("What the test says happens inside the signal, after it was recorded")
    func closures() {
        var seen: [[StrictProducer.Signal]] = []
        producer.onPause = { [producer] in seen.append(producer.signals) }
        producer.onResume = { [producer] in seen.append(producer.signals) }
        producer.onStop = { [producer] _ in seen.append(producer.signals) }
        producer.pauseProducing()
        producer.resumeProducing()
        producer.stopProducing(.aborted)
        #expect(seen == [[.pause], [.pause, .resume], [.pause, .resume, .stop]])
    }

    @Test("It traps if it is told to, and only on an illegal signal")
    func traps() async {
        await #expect(processExitsWith: .failure) { StrictProducer(traps: true).resumeProducing() }
        await #expect(processExitsWith: .failure) {
            let producer = StrictProducer(traps: true)
            producer.pauseProducing()
            producer.pauseProducing()
        }
        await #expect(processExitsWith: .failure) {
            let producer = StrictProducer(traps: true)
            producer.stopProducing(.aborted)
            producer.stopProducing(.aborted)
        }
        await #expect(processExitsWith: .success) {
            let producer = StrictProducer(traps: true)
            producer.pauseProducing()
            producer.resumeProducing()
            producer.stopProducing(.aborted)
        }
    }
}
