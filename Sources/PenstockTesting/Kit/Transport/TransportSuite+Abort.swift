import Penstock

/// C6.5 and C6.6: the end at once, and the end with an error.
extension TransportSuite {
    static var aborting: [Check] {
        [
            Check("it drops what is held, stops the producer at once, resets, and tells the owner on a later turn") {
                let bench = try await $0.open()
                let producer = try bench.register()
                try await bench.block()
                bench.write()
                await bench.settle()
                let taken = await bench.peer.taken?()
                bench.abort(.cancelled)
                try bench.expectSignals(producer, [.stop], "the signals when abort returns", after: .pause)
                try bench.expect(producer.stopReason?.code, is: .cancelled, "why the producer was stopped")
                try bench.expect(bench.phase, is: .ended, "the phase when abort returns")
                try bench.expect(bench.level, is: 0, "the level when abort returns")
                try bench.expect(
                    bench.ends.count + bench.closes.count,
                    is: 0,
                    "what the owner was told when abort returns"
                )
                try bench.expect(bench.write(), is: .closed, "the answer to a write")
                let delivery = try await bench.expectEnd(.cancelled)
                let left = taken.map { taken in bench.bounds.count { $0 > taken } } ?? delivery.dropped.elements
                try bench.expect(delivery.dropped.elements, is: left, "the dropped elements in the delivery")
                try await bench.expectWriteEnd(.reset)
                if let taken {
                    try bench.expect(
                        await bench.peer.received().count <= taken,
                        "what was held when it was aborted went out"
                    )
                }
                try await bench.expectClose()
            },
            Check("with nothing held it resets all the same") {
                let bench = try await $0.open()
                bench.abort()
                try await bench.expectEnd(.cancelled)
                try await bench.expectWriteEnd(.reset)
                try await bench.expectClose()
            },
            Check("it is idempotent, and never an orderly end") {
                let bench = try await $0.open()
                let producer = try bench.register()
                bench.abort(.finished)
                bench.abort(.cancelled)
                try await bench.expectEnd(.aborted)
                bench.abort(.cancelled)
                await bench.settle()
                try await bench.expectEnd(.aborted)
                try bench.expectSignals(producer, [.stop], "the signals of the producer")
            },
            Check("it overtakes a finish") {
                let bench = try await $0.open()
                let producer = try bench.register()
                try await bench.block()
                bench.finish()
                bench.abort(.cancelled)
                try bench.expectSignals(producer, [.stop], "the signals when abort returns", after: .pause)
                try await bench.expectEnd(.cancelled)
                try await bench.expectWriteEnd(.reset)
            },
            Check("what had come in for a paused consumer is not delivered as if all were well") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                bench.abort()
                try await bench.eventually("the end at the consumer of what came in") { inlet.end != nil }
                try bench.expect(inlet.end?.isOrderly, is: false, "whether the consumer took it for an orderly end")
            },
        ] + insideSignals
    }

    private static var insideSignals: [Check] {
        func check(
            _ signal: String,
            _ provoke: @escaping (TransportBench<Element>, @escaping () -> Void) async throws -> Void
        ) -> Check {
            Check("it is legal inside \(signal)") {
                let bench = try await $0.open()
                var told: Int?
                try await provoke(bench) {
                    guard told == nil else { return }
                    bench.abort(.cancelled)
                    told = bench.ends.count
                }
                try await bench.eventually("the signal (\(signal))") { told != nil }
                try bench.expect(told, is: 0, "the ends that the owner was told before abort returned")
                try await bench.expectEnd(.cancelled)
                try await bench.expectWriteEnd(.reset)
            }
        }
        return [
            check("a pause") { bench, abort in
                try bench.register().onPause = abort
                try bench.writeUntilFull()
            },
            check("a resume") { bench, abort in
                try bench.register().onResume = abort
                try bench.writeUntilFull()
                try await bench.peerTakes()
            },
            check("a question") { bench, abort in try bench.registerPull { _ in abort() } },
            check("a delivery") { bench, abort in
                try bench.receive { _ in abort() }
                try await bench.peerSends()
            },
            check("the stop that a failure brings") { bench, abort in
                try bench.register().onStop = { _ in abort() }
                bench.abort(.cancelled)
            },
        ]
    }

    static var failing: [Check] {
        [
            Check("what was accepted goes out first, then it ends with a reset and the original error") {
                let bench = try await $0.open()
                let producer = try bench.register()
                try await bench.block()
                bench.write()
                bench.fail()
                try bench.expectSignals(producer, [.stop], "the signals when fail returns", after: .pause)
                try bench.expect(producer.stopReason?.error as? TransportError, is: .first, "the error of the stop")
                try bench.expect(bench.write(), is: .closed, "the answer to a write")
                try await bench.expectWriteSideOpen("while something is held")
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.reset)
                let delivery = try await bench.expectEnd(.failed)
                try bench.expect(
                    bench.ends[0].reason.error as? TransportError,
                    is: .first,
                    "the error that the owner was told"
                )
                try bench.expect(delivery.dropped.elements, is: 0, "the dropped elements in the delivery")
                try await bench.expectClose()
            },
            Check("with nothing held it ends with a reset at once") {
                let bench = try await $0.open()
                bench.fail()
                try await bench.expectEnd(.failed)
                try await bench.expectWriteEnd(.reset)
                try await bench.expectClose()
            },
            Check("a kernel that takes nothing holds it up no longer than the linger") {
                let bench = try await $0.openWithShortLinger()
                guard bench.traits.lingers else { throw NotApplicable("it has no linger: it waits for the other half") }
                try await bench.block()
                bench.fail()
                await bench.wait(7)
                try await bench.eventually("the news of the end") { !bench.ends.isEmpty }
                try bench.expect(bench.ends[0].reason.isOrderly, is: false, "whether the owner was told an orderly end")
                try bench.expect(
                    bench.ends[0].reason.error as? TransportError,
                    is: .first,
                    "the error that the owner was told (\(bench.ends[0].reason))"
                )
                try bench.expect(
                    bench.ends[0].delivery.dropped.elements >= 1,
                    "elements were held, and none was dropped"
                )
                try await bench.expectWriteEnd(.reset)
            },
            Check("a finish or half-close after it makes no orderly end of it") {
                let bench = try await $0.open()
                try await bench.block()
                bench.fail()
                bench.finishWriting()
                bench.finish()
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.reset)
                try await bench.expectEnd(.failed)
            },
            Check("a failure while a finish waits for the producer is no orderly end") {
                let bench = try await $0.open()
                let producer = try bench.register()
                bench.write()
                bench.finish()
                bench.fail()
                try bench.expectSignals(producer, [.stop], "the signals of the producer")
                try await bench.peerTakes()
                try await bench.expectWriteEnd(.reset)
                try await bench.expectEnd(.failed)
            },
            Check("a loss never looks to the consumer like a short, complete stream") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
                try await bench.block()
                try await bench.peerResets()
                try await bench.eventually("the end at the consumer") { inlet.end != nil }
                try bench.expect(inlet.end?.code, is: .lost, "the end at the consumer")
            },
        ]
    }
}
