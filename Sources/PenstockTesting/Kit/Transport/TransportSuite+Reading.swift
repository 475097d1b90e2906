import Penstock

/// C7.1 to C7.4: the pause of the reading side, and the end of the input.
extension TransportSuite {
    static var pausing: [Check] {
        [
            Check("after a pause inside a delivery nothing more is delivered, and all of it after the resume") {
                trial in
                let bench = try await trial.open()
                let inlet = try bench.receive { $0.pause() }
                try await bench.peerSends(units: 4)
                try await bench.eventually("the first delivery") { !inlet.received.isEmpty }
                let count = inlet.received.count
                await bench.settle()
                try bench.expect(
                    inlet.received.count,
                    is: count,
                    "the bytes that were delivered when the pause had returned"
                )
                inlet.onElement = nil
                inlet.resume()
                try await bench.expectAllDelivered(inlet)
            },
            Check("after a pause between two deliveries nothing more is delivered") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
                inlet.pause()
                try await bench.peerSends(units: 3)
                await bench.settle()
                try bench.expect(inlet.received.count, is: bench.unit, "the bytes that were delivered")
                inlet.resume()
                try await bench.expectAllDelivered(inlet)
            },
            Check("pausing inside each delivery that a resume brings, it delivers one at a time, in order") {
                let bench = try await $0.open()
                let inlet = try bench.receive { $0.pause() }
                try await bench.peerSends(units: 5)
                for _ in 0..<bench.arrived.count where inlet.received.count < bench.arrived.count {
                    let before = inlet.received.count
                    if inlet.isPaused { inlet.resume() }
                    try await bench.eventually("a delivery after the resume") { inlet.received.count > before }
                }
                try await bench.expectAllDelivered(inlet)
            },
            Check("two pauses need one resume, and a resume without a pause does nothing") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                inlet.pause()
                inlet.pause()
                try await bench.peerSends()
                await bench.settle()
                inlet.resume()
                try await bench.expectAllDelivered(inlet)
                inlet.resume()
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
            },
            Check("what comes in random orders of pauses and resumes is delivered whole and in order") { trial in
                let bench = try await trial.open()
                let inlet = try bench.receive()
                var random = SeededRandom(seed: trial.seed)
                for _ in 0..<30 {
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: inlet.pause()
                    case 1: inlet.resume()
                    case 2: await bench.settle()
                    default: try await bench.peerSends()
                    }
                }
                inlet.resume()
                try await bench.expectAllDelivered(inlet)
            },
        ]
    }

    static var newsWhilePaused: [Check] {
        [
            Check(
                "the peer finishes while it is paused: told at once; the consumer gets what came before, then the end"
            ) {
                let bench = try await $0.open()
                guard bench.traits.holdsInput else { throw NotApplicable("what is not delivered has not arrived") }
                let inlet = try bench.receive(startsPaused: true)
                try await bench.peerSends(units: 3)
                await bench.settle()
                try await bench.peerFinishes()
                try await bench.expectInboundEnd(.finished)
                try bench.expect(inlet.received.count, is: 0, "the bytes that came to a paused consumer")
                inlet.resume()
                try await bench.expectAllDelivered(inlet)
                try await bench.eventually("the end at the consumer") { inlet.end != nil }
                try bench.expect(inlet.end?.code, is: .finished, "the end at the consumer")
            },
            Check(
                "the peer resets while it is paused: told at once; the consumer gets what came before, then the error"
            ) {
                let bench = try await $0.open()
                guard bench.traits.holdsInput else { throw NotApplicable("what is not delivered has not arrived") }
                let inlet = try bench.receive(startsPaused: true)
                try await bench.peerSends(units: 3)
                await bench.settle()
                try await bench.block()
                try await bench.peerResets()
                try await bench.expectInboundEnd(.lost)
                try await bench.expectEnd(.lost)
                try bench.expect(inlet.received.count, is: 0, "the bytes that came to a paused consumer")
                try bench.expect(inlet.end?.code, is: nil, "the end at a paused consumer")
                inlet.resume()
                try await bench.expectAllDelivered(inlet)
                try await bench.eventually("the end at the consumer") { inlet.end != nil }
                try bench.expect(inlet.end?.code, is: .lost, "the end at the consumer")
            },
            Check("a paused consumer is not told the end although nothing waits before it") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
                inlet.pause()
                try await bench.peerFinishes()
                try await bench.expectInboundEnd(.finished)
                try bench.expect(inlet.end?.code, is: nil, "the end at a paused consumer")
                inlet.resume()
                try await bench.eventually("the end at the consumer") { inlet.end != nil }
                try bench.expect(inlet.end?.code, is: .finished, "the end at the consumer")
            },
            Check("a consumer that pauses inside the last element gets the end after its resume") {
                let bench = try await $0.open()
                let inlet = try bench.receive { $0.pause() }
                try await bench.peerSends()
                try await bench.eventually("the element") { !inlet.received.isEmpty }
                try await bench.peerFinishes()
                try await bench.expectInboundEnd(.finished)
                inlet.onElement = nil
                inlet.resume()
                try await bench.eventually("the end at the consumer") { inlet.end != nil }
            },
        ]
    }

    static var endOfInput: [Check] {
        [
            Check("with half-close it ends the inbound stream only") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                let producer = try bench.register()
                try await bench.peerSends()
                try await bench.peerFinishes()
                try await bench.expectInboundEnd(.finished)
                try await bench.eventually("the end at the consumer") { inlet.end != nil }
                try bench.expect(inlet.end?.code, is: .finished, "the end at the consumer")
                try bench.expect(inlet.received == bench.arrived, "the consumer had not got everything at the end")
                try bench.expect(bench.phase, is: .open, "the phase of the outbound side")
                try bench.expect(bench.write(), is: .room, "the answer to a write after it")
                try await bench.expectAllReceived()
                try bench.expectSignals(producer, [], "the signals of the producer")
                try await bench.expectNoClose("while the write side is open")
                bench.unregister(producer)
                bench.finish()
                try await bench.expectWriteEnd(.finished)
                try await bench.expectClose()
            },
            Check("without half-close it ends the connection, in order, after what is accepted has gone out") {
                let bench = try await $0.open { $0.allowsHalfClosure = false }
                let inlet = try bench.receive()
                let producer = try bench.register()
                try await bench.block()
                bench.write()
                try await bench.peerFinishes()
                try await bench.expectInboundEnd(.finished)
                try await bench.eventually("the stop of the producer") { producer.stopReason != nil }
                try bench.expect(producer.stopReason?.code, is: .peerFinished, "why the producer was stopped")
                try bench.expect(inlet.end?.code, is: .finished, "the end at the consumer")
                try await bench.expectWriteSideOpen("while something is held")
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
                let delivery = try await bench.expectEnd(.peerFinished)
                try bench.expect(delivery.dropped.elements, is: 0, "the dropped elements in the delivery")
                try await bench.expectClose()
            },
            Check("a loss with accepted elements left says how many") {
                let bench = try await $0.open()
                try bench.receive()
                try await bench.block()
                let held = 7
                for _ in 0..<held { bench.write() }
                await bench.settle()
                let taken = await bench.peer.taken?()
                try await bench.peerResets()
                let delivery = try await bench.expectEnd(.lost)
                guard let taken else {
                    return try bench.expect(
                        delivery.dropped.elements >= held,
                        "\(held) elements were held, and \(delivery.dropped.elements) said to be dropped"
                    )
                }
                let left = bench.bounds.count { $0 > taken }
                try bench.expect(delivery.dropped.elements, is: left, "the dropped elements in the delivery")
                let over = delivery.dropped.weight - bench.exactLevel(taken: taken)
                try bench.expect(
                    (0..<bench.traits.slice).contains(over),
                    "\(delivery.dropped.weight) were said to be dropped, \(over) more than the kernel had not taken"
                )
            },
        ]
    }

    static var earlyAndLate: [Check] {
        [
            Check("a pause before the first read is honoured") {
                let bench = try await $0.open()
                let inlet = try bench.receive(startsPaused: true)
                try await bench.peerSends(units: 3)
                await bench.settle()
                try bench.expect(inlet.received.count, is: 0, "the bytes that were delivered to a paused consumer")
                inlet.resume()
                try await bench.expectAllDelivered(inlet)
            },
            Check("after the loss a resume delivers what was held, then the end, then nothing") {
                let bench = try await $0.open()
                guard bench.traits.holdsInput else { throw NotApplicable("what is not delivered has not arrived") }
                let inlet = try bench.receive(startsPaused: true)
                try await bench.peerSends(units: 2)
                await bench.settle()
                try await bench.block()
                try await bench.peerResets()
                try await bench.expectEnd(.lost)
                let before = bench.recorder.calls.count
                inlet.resume()
                try await bench.eventually("the end at the consumer") { inlet.end != nil }
                try bench.expect(inlet.received == bench.arrived, "the consumer had not got everything at the end")
                let after = bench.calls(since: before)
                try bench.expect(after.last, is: "in failed lost", "the last call of a resume after the loss")
                bench.transport.resumeProducing()
                bench.transport.pauseProducing()
                bench.transport.resumeProducing()
                await bench.settle()
                try bench.expect(bench.calls(since: before), is: after, "the calls after a second resume")
            },
            Check("a consumer that is attached after the end of the input gets what came before, then the end") {
                let bench = try await $0.open()
                guard bench.traits.holdsInput else { throw NotApplicable("what is not delivered has not arrived") }
                try await bench.peerSends(units: 2)
                await bench.settle()
                try await bench.peerFinishes()
                try await bench.expectInboundEnd(.finished)
                let inlet = try bench.receive()
                try await bench.expectAllDelivered(inlet)
                try await bench.eventually("the end at the consumer") { inlet.end != nil }
                try bench.expect(inlet.end?.code, is: .finished, "the end at the consumer")
            },
        ]
    }
}
