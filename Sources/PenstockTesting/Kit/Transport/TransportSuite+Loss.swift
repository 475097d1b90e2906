import Penstock

/// C6.2, C6.7, C6.9: what can be seen at a loss, the second of two errors, and that every end is told once.
extension TransportSuite {
    static var loss: [Check] {
        [
            Check(
                "first it is ended and its slot is free, then the producer is stopped, then the rest is dropped and told"
            ) {
                let bench = try await $0.open()
                let producer = try bench.register()
                var atStop: (phase: FlowControl.Phase, owner: Int)?
                var wasRefused = false
                producer.onStop = { _ in
                    atStop = (bench.phase, bench.ends.count)
                    do { try bench.register() } catch { wasRefused = true }
                }
                try await bench.block()
                bench.write()
                try await bench.peerResets()
                try await bench.eventually("the stop of the producer") { atStop != nil }
                try bench.expect(atStop?.phase, is: .ended, "the phase inside the stop")
                try bench.expect(atStop?.owner, is: 0, "the ends that the owner had been told inside the stop")
                try bench.expect(
                    !wasRefused,
                    "a successor that registered inside the stop was refused: the slot was not free"
                )
                try bench.expect(
                    bench.recorder.calls.count { $0.hasPrefix("stop") },
                    is: 2,
                    "the stops of the producer and of the successor that it registered"
                )
                try await bench.expectEnd(.lost)
                try bench.expect(bench.level, is: 0, "the level after the loss")
            },
            Check("what was held is dropped and counted") {
                let bench = try await $0.open()
                try await bench.block()
                bench.write()
                bench.write()
                await bench.settle()
                let taken = await bench.peer.taken?()
                try await bench.peerResets()
                let delivery = try await bench.expectEnd(.lost)
                try bench.expect(
                    delivery.accepted.elements,
                    is: bench.bounds.count,
                    "the accepted elements in the delivery"
                )
                let dropped = taken.map { taken in bench.bounds.count { $0 > taken } } ?? delivery.dropped.elements
                try bench.expect(delivery.dropped.elements, is: dropped, "the dropped elements in the delivery")
                try bench.expect(delivery.dropped.elements >= 2, "elements were held, and none was dropped")
                try bench.expect(bench.write(), is: .closed, "the answer to a write after the loss")
                try bench.expect(bench.delivery.refused.elements, is: 1, "the refused elements after it")
            },
        ]
            + meddlers.map { name, meddle in
                Check("nothing that a callback does can skip a later step: \(name)") {
                    let bench = try await $0.open()
                    let producer = try bench.register()
                    let inlet = try bench.receive()
                    producer.onStop = { [unowned producer] _ in meddle(bench, producer) }
                    bench.onEnd = { [unowned producer] in meddle(bench, producer) }
                    bench.onInboundEnd = { [unowned producer] in meddle(bench, producer) }
                    inlet.onEnd = { [unowned producer] in meddle(bench, producer) }
                    try await bench.block()
                    bench.write()
                    try await bench.peerResets()
                    let delivery = try await bench.expectEnd(.lost)
                    try bench.expect(delivery.dropped.elements >= 1, "elements were held, and none was dropped")
                    try bench.expectSignals(producer, [.stop], "the signals of the producer", after: .pause)
                    try await bench.eventually("the end at the consumer of what came in") { inlet.isOver }
                    try await bench.expectInboundEnd(.lost)
                    try await bench.expectClose()
                    try bench.expect(bench.level, is: 0, "the level after the loss")
                }
            }
    }

    /// What a callback may do at a bad moment.
    private static var meddlers: [(name: String, meddle: (TransportBench<Element>, StrictProducer) -> Void)] {
        [
            ("it aborts", { bench, _ in bench.abort() }),
            ("it finishes", { bench, _ in bench.finish() }),
            ("it fails", { bench, _ in bench.fail() }),
            ("it writes", { bench, _ in bench.write() }),
            (
                "it half-closes and unregisters",
                { bench, _ in
                    bench.finishWriting()
                    bench.transport.unregisterProducer()
                }
            ),
            ("it stops the reading", { bench, _ in bench.inlets.first?.stop(.cancelled) }),
        ]
    }

    static var secondErrors: [Check] {
        [
            Check("it fails, then fails with another error, then the peer resets: the first error is told") {
                let bench = try await $0.open()
                try await bench.block()
                bench.fail(TransportError.first)
                bench.fail(TransportError.second)
                try await bench.peerResets()
                try await bench.eventually("the news of the end") { !bench.ends.isEmpty }
                let error = bench.ends.first?.reason.error as? TransportError
                // What waited for the kernel may be told as lost to it, and names the error that began it.
                try bench.expect(error, is: .first, "the error of the end, which was \(bench.ends[0].reason)")
            },
            Check("it fails twice: the first error is told, the second goes to the observer") {
                let bench = try await $0.open()
                guard bench.subject.onSecondError != nil else { throw NotApplicable("it has no observer") }
                try await bench.block()
                bench.fail(TransportError.first)
                bench.fail(TransportError.second)
                try await bench.peerTakes()
                try await bench.expectEnd(.failed)
                try bench.expect(
                    bench.ends[0].reason.error as? TransportError,
                    is: .first,
                    "the error that the owner was told"
                )
                try bench.expect(
                    bench.secondErrors.compactMap { $0.error as? TransportError },
                    is: [.second],
                    "the errors that the observer was told after the first"
                )
            },
            Check("it is aborted, then the peer resets: the abort is told") {
                let bench = try await $0.open()
                bench.abort(.cancelled)
                try await bench.peerResets()
                try await bench.expectEnd(.cancelled)
            },
            Check("the peer resets, then it fails and is aborted: the loss is told") {
                let bench = try await $0.open()
                try await bench.block()
                try await bench.peerResets()
                try await bench.expectEnd(.lost)
                bench.fail()
                bench.abort()
                await bench.settle()
                try await bench.expectEnd(.lost)
                guard bench.subject.onSecondError != nil else { return }
                try bench.expect(
                    bench.secondErrors.contains { $0.error as? TransportError == .first },
                    "the observer was not told the error that came after the loss"
                )
            },
        ]
    }

    static var telling: [Check] {
        let ways: [(name: String, end: (TransportBench<Element>) async throws -> Void, code: EndReason.Code)] = [
            (
                "finish",
                { bench in
                    bench.finish(); try await bench.peerTakes(); try await bench.peerFinishes()
                }, .finished
            ),
            (
                "a half-close",
                { bench in
                    bench.finishWriting(); try await bench.peerTakes()
                }, .finished
            ),
            (
                "an abort",
                { bench in
                    bench.abort(); bench.abort(.aborted)
                }, .cancelled
            ),
            (
                "a failure",
                { bench in
                    bench.fail(); try await bench.peerTakes()
                }, .failed
            ),
            ("a loss", { bench in try await bench.peerResets() }, .lost),
        ]
        return ways.map { name, end, code in
            Check("\(name) is told once, with the reason and the delivery") {
                let bench = try await $0.openWithShortLinger()
                try await bench.block()
                bench.write()
                try await end(bench)
                let told = try await bench.expectEnd(code)
                let taken = await bench.peer.received().count
                try bench.expect(
                    told.accepted.elements,
                    is: bench.bounds.count,
                    "the accepted elements in the delivery"
                )
                let left = bench.bounds.count { $0 > taken }
                try bench.expect(
                    told.dropped.elements <= left,
                    "\(told.dropped.elements) elements were said to be dropped, and all but \(left) came to the peer"
                )
                if [.finished, .failed].contains(code) {
                    try bench.expect(told.dropped.elements, is: 0, "the dropped elements after an end in order")
                } else {
                    try bench.expect(told.dropped.elements >= 1, "elements were held, and none was said to be dropped")
                }
                // Whatever else happens, it is not told again.
                bench.abort()
                bench.finish()
                bench.fail()
                await bench.wait(6)
                try await bench.expectEnd(code)
                try await bench.expectClose()
            }
        }
    }
}
