import Penstock

/// C4.6 and C10.3: the level is exact, and has a limit.
extension TransportSuite {
    static func level(orders: Int) -> [Check] {
        [
            Check("what the kernel took no longer counts, to the byte") { trial in
                let bench = try await trial.open()
                try await bench.block()
                bench.write()
                bench.write()
                try await bench.expectExactLevel("with a kernel that takes no more")
                for bytes in [1, bench.unit / 2, bench.unit, bench.unit + 1] {
                    try await bench.peerTakes(bytes)
                    try await bench.expectExactLevel("after the peer has read \(bytes) more")
                }
                try await bench.expectAllReceived()
                try await bench.eventually("a level of 0") { bench.level == 0 }
                try await bench.expectExactLevel("when everything has gone out")
            },
            Check("in random orders of writes and takes", times: orders) { trial in
                let bench = try await trial.open()
                var random = SeededRandom(seed: trial.seed)
                for _ in 0..<20 {
                    if Bool.random(using: &random) {
                        bench.write(.random(in: 1...bench.unit * 2, using: &random))
                    } else {
                        try await bench.peerTakes(.random(in: 1...bench.unit * 2, using: &random))
                    }
                    try await bench.expectExactLevel("in a random order")
                }
                try await bench.expectAllReceived()
                try await bench.eventually("a level of 0") { bench.level == 0 }
            },
            Check(
                "a paused producer is resumed when what the kernel has not taken is at the low mark, not before and not later"
            ) {
                trial in
                let bench = try await trial.open()
                guard let taken = bench.peer.taken else {
                    throw NotApplicable("what its kernel has taken cannot be known")
                }
                let producer = try bench.register()
                var levelAtResume: Int?
                producer.onResume = { levelAtResume = levelAtResume ?? bench.level }
                try await bench.block()
                if producer.signals.isEmpty { try bench.writeUntilFull() }
                for _ in 0..<10_000 where levelAtResume == nil {
                    try await bench.peerTakes(bench.clock.isReal ? bench.unit : max(1, bench.unit / 5))
                    let rest = bench.exactLevel(taken: await taken())
                    guard levelAtResume == nil, rest + bench.traits.slice - 1 <= bench.setup.marks.low else { continue }
                    try await bench.eventually("the resume at a level of \(rest)") { levelAtResume != nil }
                }
                let low = bench.setup.marks.low
                try bench.expect(
                    (levelAtResume ?? .max) <= low,
                    "resumed at a level of \(levelAtResume ?? -1), above the low mark of \(low)"
                )
                try bench.expectSignals(producer, [.pause, .resume], "the signals")
            },
        ]
    }

    static var limiting: [Check] {
        [
            Check("a write made while the level is above the limit ends the stream, naming both") { trial in
                let bench = try await trial.open { $0.limit = 8 * (trial.traits.unit + trial.traits.overhead) }
                let limit = 8 * bench.weight
                let producer = try bench.register()
                try await bench.block()
                for _ in 0..<1000 where bench.level <= limit { bench.write() }
                try bench.expect(
                    bench.level > limit,
                    "a write was refused at a level of \(bench.level), not above the limit"
                )
                let level = bench.level
                try bench.expect(
                    bench.phase,
                    is: .open,
                    "the phase after the write that lifted the level above the limit"
                )
                try bench.expect(bench.write(), is: .closed, "the answer to the write above the limit")
                try bench.expect(producer.stopReason?.code, is: .overflow, "why the producer was stopped")
                try bench.expect(bench.ends.count, is: 0, "the ends that the owner was told inside the write")
                try await bench.expectEnd(.overflow)
                let detail = bench.ends.first?.reason.detail ?? ""
                try bench.expect(
                    detail.contains("\(level)") && detail.contains("\(limit)"),
                    "the reason names the level \(level) and the limit \(limit) nowhere: '\(detail)'"
                )
                try await bench.expectWriteEnd(.reset)
            },
            Check("one element, however heavy, never meets the limit by itself") { trial in
                let bench = try await trial.open { $0.limit = 8 * (trial.traits.unit + trial.traits.overhead) }
                try bench.expect(bench.write(bench.setup.marks.high + 1), is: .full, "the answer to one heavy element")
                await bench.settle()
                try bench.expect(bench.phase, is: .open, "the phase after it")
                try await bench.expectAllReceived()
            },
            Check("without a limit there is none") { trial in
                let bench = try await trial.open()
                for _ in 0..<200 { bench.write() }
                await bench.settle()
                try bench.expect(bench.phase, is: .open, "the phase after 200 elements")
                try await bench.expectAllReceived()
            },
        ]
    }
}
