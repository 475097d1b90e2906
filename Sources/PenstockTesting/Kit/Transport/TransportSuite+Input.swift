import Penstock

/// C7.5 to C7.7: input that nobody takes, or wants.
extension TransportSuite {
    static var nobodyThere: [Check] {
        [
            Check("what comes while nobody consumes it is bounded, and delivered when somebody does") {
                let bench = try await $0.open()
                let flood = try await flood(bench)
                if let input = bench.subject.input?() {
                    try bench.expect(
                        input.waiting <= bench.setup.receiveWindow,
                        "\(input.waiting) bytes wait for nobody, above the window of \(bench.setup.receiveWindow)"
                    )
                }
                try bench.expect(
                    flood < bench.setup.receiveWindow * 100,
                    "nobody consumed, and the peer could send \(flood) bytes"
                )
                let inlet = try bench.receive()
                try await bench.expectAllDelivered(inlet)
                // Reading goes on.
                try await bench.eventually("more room for the peer") { try await bench.peerSends() == bench.unit }
                try await bench.expectAllDelivered(inlet)
            },
            Check("reading that nobody has begun is no end") {
                let bench = try await $0.open()
                try await bench.peerSends()
                bench.write()
                try await bench.expectAllReceived()
                await bench.wait(2)
                try await bench.expectNoEnd("while nobody consumes")
                let inlet = try bench.receive()
                try await bench.expectAllDelivered(inlet)
            },
        ]
    }

    static var pastAPause: [Check] {
        [
            Check(
                "what comes past a pause counts as inbound level, bounded by the window, and is delivered after the resume"
            ) {
                let bench = try await $0.open()
                guard let input = bench.subject.input else { throw NotApplicable("it has no inbound level") }
                let inlet = try bench.receive(startsPaused: true)
                let flood = try await flood(bench)
                try bench.expect(flood < bench.setup.receiveWindow * 100, "paused, it let the peer send \(flood) bytes")
                // On a network what the kernels hold is between the transport and the end of the input.
                try await bench.peerFinishes()
                await bench.settle()
                try bench.expect(input().waiting, is: input().received, "the inbound level, with nothing delivered")
                try bench.expect(
                    input().waiting <= bench.setup.receiveWindow,
                    "the inbound level is \(input().waiting), above the window of \(bench.setup.receiveWindow)"
                )
                inlet.resume()
                try await bench.expectAllDelivered(inlet)
                try bench.expect(input().waiting, is: 0, "the inbound level when everything is delivered")
                try await bench.expectInboundEnd(.finished)
            },
            Check("a resume lowers the inbound level by what it delivers") {
                let bench = try await $0.open()
                guard let input = bench.subject.input else { throw NotApplicable("it has no inbound level") }
                let inlet = try bench.receive { $0.pause() }
                try await bench.peerSends(units: 4)
                await bench.settle()
                try await bench.peerFinishes()
                try await bench.expectInboundEnd(.finished)
                for _ in 0..<bench.arrived.count where inlet.received.count < bench.arrived.count {
                    let rest = bench.arrived.count - inlet.received.count
                    try bench.expect(input().waiting, is: rest, "the inbound level with \(rest) bytes to deliver")
                    inlet.resume()
                    await bench.settle()
                }
                try await bench.expectAllDelivered(inlet)
                try bench.expect(input().waiting, is: 0, "the inbound level when everything is delivered")
            },
        ]
    }

    static var stopping: [Check] {
        [
            Check("later input is read, counted and discarded, and the write side goes on") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                let producer = try bench.register()
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
                inlet.stop(.cancelled)
                let count = bench.setup.receiveWindow / bench.unit * 3
                for number in 1...count where try await bench.peerSends() < bench.unit {
                    try await bench.eventually("room for element \(number) of the peer") {
                        try await bench.peerSends() == bench.unit
                    }
                }
                if let discarded = bench.subject.discarded {
                    let rest = bench.arrived.count - bench.unit
                    try await bench.eventually("\(rest) discarded bytes") { discarded() >= rest }
                    try bench.expect(discarded(), is: rest, "the discarded bytes")
                }
                try bench.expect(inlet.received.count, is: bench.unit, "the bytes that the consumer got")
                try bench.expect(bench.phase, is: .open, "the phase of the outbound side")
                try bench.expect(bench.write(), is: .room, "the answer to a write")
                try await bench.expectAllReceived()
                try bench.expectSignals(producer, [], "the signals of the producer")
                try await bench.expectWriteSideOpen("after the reading was stopped")
            },
            Check("what had come in for a paused consumer is counted and discarded too") {
                let bench = try await $0.open()
                let inlet = try bench.receive(startsPaused: true)
                let sent = try await bench.peerSends(units: 3)
                await bench.settle()
                inlet.stop(.cancelled)
                if let discarded = bench.subject.discarded {
                    try await bench.eventually("\(sent) discarded bytes") { discarded() >= sent }
                    try bench.expect(discarded(), is: sent, "the discarded bytes")
                }
                if let input = bench.subject.input {
                    try bench.expect(input().waiting, is: 0, "the inbound level when all of it is discarded")
                }
                await bench.settle()
                try bench.expect(inlet.received.count, is: 0, "the bytes that the consumer got")
            },
            Check("it reads on to the end: the owner is told that the peer has finished") {
                let bench = try await $0.open()
                let inlet = try bench.receive()
                inlet.stop(.cancelled)
                try await bench.peerSends(units: 2)
                try await bench.peerFinishes()
                try await bench.expectInboundEnd(.finished)
                bench.write()
                try await bench.expectAllReceived()
                bench.finish()
                try await bench.expectWriteEnd(.finished)
            },
            Check("stopped inside a delivery, it delivers nothing more") {
                let bench = try await $0.open()
                let inlet = try bench.receive { $0.stop(.cancelled) }
                try await bench.peerSends(units: 3)
                await bench.settle()
                try await bench.eventually("the first delivery") { !inlet.received.isEmpty }
                let count = inlet.received.count
                await bench.settle()
                try bench.expect(inlet.received.count, is: count, "the bytes that were delivered after the stop")
                try bench.expect(bench.phase, is: .open, "the phase of the outbound side")
            },
        ]
    }

    /// The peer sends until it cannot, or until a hundred windows are full; answers how many bytes.
    private static func flood(_ bench: TransportBench<Element>) async throws -> Int {
        var sent = 0
        var refusals = 0
        while sent < bench.setup.receiveWindow * 100, refusals < 3 {
            let more = try await bench.peerSends()
            sent += more
            if more < bench.unit {
                refusals += 1
                await bench.settle()
            }
        }
        await bench.settle()
        return sent
    }
}
