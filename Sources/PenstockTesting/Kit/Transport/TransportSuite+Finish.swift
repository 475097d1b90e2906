import Penstock

/// C6.3 and C6.4: the graceful ends.
extension TransportSuite {
    static var finishing: [Check] {
        [
            Check("finish waits for a push producer, whose writes are taken meanwhile") {
                let bench = try await $0.open()
                let producer = try bench.register()
                bench.finish()
                try bench.expect(bench.phase, is: .finishing, "the phase while the producer is registered")
                try bench.expect(bench.write(), is: .room, "the answer to a write of the producer")
                try await bench.peerTakes()
                try await bench.expectWriteSideOpen("while the producer is registered")
                try bench.expectSignals(producer, [], "the signals of the producer")
                bench.unregister(producer)
                try bench.expect(bench.write(), is: .closed, "the answer to a write after the producer has gone")
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
            },
            Check("finish waits for a paused producer, which is resumed as always") {
                let bench = try await $0.open()
                let producer = try bench.register()
                try bench.writeUntilFull()
                bench.finish()
                try await bench.peerTakes()
                try await bench.eventually("the resume") { producer.signals.count > 1 }
                try await bench.expectWriteSideOpen("while the producer is registered")
                try bench.expectSignals(producer, [.pause, .resume], "the signals of the producer")
                bench.write()
                bench.unregister(producer)
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
            },
            Check("finish waits for a pull producer, which is asked as always") {
                let bench = try await $0.open()
                var open: [StrictPullProducer] = []
                let producer = try bench.registerPull { open.append($0) }
                bench.finish()
                try await bench.peerTakes()
                for number in 1...3 {
                    try await bench.eventually("question \(number)") { producer.questions == number }
                    producer.answered()
                    bench.write()
                }
                try await bench.expectWriteSideOpen("while the producer is registered")
                bench.unregister(producer)
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
            },
            Check("finish waits for everything accepted to be handed over, and reports what was delivered") {
                let bench = try await $0.open()
                try await bench.block()
                bench.write()
                bench.write()
                bench.finish()
                try bench.expect(bench.phase, is: .draining, "the phase while something is held")
                try await bench.expectWriteSideOpen("while something is held")
                try await bench.expectNoEnd("while something is held")
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
                let delivery = try await bench.expectEnd(.finished)
                try bench.expect(
                    delivery.accepted.elements,
                    is: bench.bounds.count,
                    "the accepted elements in the delivery"
                )
                try bench.expect(
                    delivery.accepted.weight,
                    is: bench.accepted.count + bench.bounds.count * bench.traits.overhead,
                    "their weight"
                )
                try bench.expect(delivery.dropped.elements, is: 0, "the dropped elements in the delivery")
            },
            Check("the deadline turns it into an abort: what is held is dropped, and the peer sees no orderly end") {
                let bench = try await $0.open()
                let producer = try bench.register()
                try await bench.block()
                bench.finish(within: bench.traits.patience)
                await bench.wait(2)
                let delivery = try await bench.expectEnd(.timedOut)
                try bench.expect(delivery.dropped.elements >= 1, "elements were held, and none was dropped")
                try bench.expectSignals(producer, [.stop], "the signals of the producer", after: .pause)
                try await bench.expectWriteEnd(.reset)
                try await bench.expectClose()
            },
            Check("a producer that never unregisters is bounded by the deadline too") {
                let bench = try await $0.open()
                let producer = try bench.register()
                bench.finish(within: bench.traits.patience)
                await bench.wait(2)
                try await bench.expectEnd(.timedOut)
                try bench.expectSignals(producer, [.stop], "the signals of the producer")
            },
            Check("without a deadline it waits as long as it takes") {
                let bench = try await $0.open()
                try await bench.block()
                bench.finish(within: nil)
                await bench.wait(bench.clock.isReal ? 4 : 100_000)
                try await bench.expectNoEnd("without a deadline")
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
                try await bench.expectEnd(.finished)
            },
            Check("an end in time leaves no deadline behind, and finish is idempotent") {
                let bench = try await $0.open()
                guard !bench.clock.isReal else { throw NotApplicable("a short deadline may be over before it is met") }
                bench.write()
                bench.finish(within: bench.traits.patience)
                bench.finish(within: bench.traits.patience)
                try await bench.expectAllReceived()
                try await bench.expectEnd(.finished)
                await bench.wait(2)
                try await bench.expectWriteEnd(.finished)
            },
            Check("unread input never turns it into a reset that destroys what was sent") {
                let bench = try await $0.open()
                try bench.receive(startsPaused: true)
                try await bench.peerSends(units: 5)
                bench.write()
                bench.write()
                bench.finish()
                await bench.settle()
                try await bench.peerSends()
                await bench.settle()
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
                try await bench.peerFinishes()
                try await bench.expectClose()
                try bench.expect(await bench.peer.writeEnd(), is: .finished, "the write side when everything is over")
            },
            Check("a write inside the news of the end comes too late") {
                let bench = try await $0.open()
                var outcome: WriteOutcome?
                bench.onEnd = { outcome = bench.write() }
                bench.write()
                bench.finish()
                try await bench.expectAllReceived()
                try await bench.expectEnd(.finished)
                try bench.expect(outcome, is: .closed, "the answer to a write inside the news of the end")
            },
        ]
    }

    static var lingering: [Check] {
        [
            Check("after the FIN it reads on and discards, counted, until the peer's FIN") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
                bench.finish()
                try await bench.expectWriteEnd(.finished)
                let before = bench.subject.discarded?() ?? 0
                let sent = try await bench.peerSends(units: 3)
                try bench.expect(sent, is: 3 * bench.unit, "the bytes that the peer could send after the FIN")
                await bench.settle()
                try bench.expect(
                    inlet.received.count,
                    is: bench.unit,
                    "the bytes that the consumer got, before the end and after"
                )
                if let discarded = bench.subject.discarded {
                    try await bench.eventually("\(sent) discarded bytes") { discarded() - before >= sent }
                    try bench.expect(discarded() - before, is: sent, "the discarded bytes")
                }
                if bench.traits.lingers { try await bench.expectNoClose("before the peer has finished") }
                try await bench.peerFinishes()
                try await bench.expectClose()
                try bench.expect(bench.closes.map(\.code).allSatisfy { $0 == .finished }, "closed as \(bench.closes)")
            },
            Check("a peer that had finished before is not waited for") {
                let bench = try await $0.open()
                try bench.receive()
                try await bench.peerFinishes()
                try await bench.expectInboundEnd(.finished)
                bench.write()
                bench.finish()
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
                try await bench.expectClose()
            },
            Check("a peer that never finishes is waited for no longer than the linger") {
                let bench = try await $0.openWithShortLinger()
                guard bench.traits.lingers, bench.subject.onClose != nil else {
                    throw NotApplicable("its ends do not wait for each other")
                }
                bench.write()
                try await bench.expectAllReceived()
                let start = bench.clock.scheduler.now
                bench.finish()
                try await bench.expectWriteEnd(.finished)
                await bench.wait(2)
                // On a loaded machine a while may have been longer than the linger.
                if bench.clock.scheduler.now - start < bench.setup.linger {
                    try bench.expect(bench.closes.count, is: 0, "the closes before the linger is over")
                }
                await bench.wait(5)
                try await bench.expectClose()
                try bench.expect(bench.closes.map(\.code), is: [.finished], "how it closed after the linger")
            },
        ]
    }

    static var halfClosing: [Check] {
        [
            Check("it waits for the producer and for everything accepted, and then the peer sees the FIN") {
                let bench = try await $0.open()
                let producer = try bench.register()
                try await bench.block()
                bench.finishWriting()
                bench.write()
                try await bench.expectNoEnd("while the producer is registered")
                bench.unregister(producer)
                try await bench.expectWriteSideOpen("while something is held")
                try await bench.expectNoEnd("while something is held")
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
                let delivery = try await bench.expectEnd(.finished)
                try bench.expect(delivery.dropped.elements, is: 0, "the dropped elements in the delivery")
            },
            Check("the read side stays alive and delivering, longer than a linger") {
                let bench = try await $0.openWithShortLinger()
                let inlet = try bench.receive()
                bench.write()
                bench.finishWriting()
                try await bench.expectWriteEnd(.finished)
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
                await bench.wait(6)
                try await bench.expectNoClose("while the peer has not finished")
                try bench.expect(inlet.end?.code, is: nil, "the end at the consumer before the peer has finished")
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
                try await bench.peerFinishes()
                try await bench.eventually("the end at the consumer") { inlet.end != nil }
                try bench.expect(inlet.end?.code, is: .finished, "the end at the consumer")
                try await bench.expectInboundEnd(.finished)
                try await bench.expectClose()
            },
            Check("a pause of the read side is kept across it") {
                let bench = try await $0.open()
                let inlet = try bench.receive(startsPaused: true)
                bench.finishWriting()
                try await bench.peerSends()
                try await bench.expectWriteEnd(.finished)
                try bench.expect(inlet.received.count, is: 0, "the bytes that came to a paused consumer")
                inlet.resume()
                try await bench.expectAllDelivered(inlet)
            },
            Check("a finish after it ends the read side too") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                bench.finishWriting()
                try await bench.expectWriteEnd(.finished)
                bench.finish()
                try await bench.peerSends()
                await bench.settle()
                try bench.expect(inlet.received.count, is: 0, "the bytes that the consumer got after finish")
                try await bench.peerFinishes()
                try await bench.expectClose()
            },
        ]
    }
}
