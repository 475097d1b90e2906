import Penstock

/// C1 and C2: before the connection stands, across an upgrade, and what waits for the producer to go.
extension TransportSuite {
    typealias Check = ConformanceCheck<Trial>

    static var connecting: [Check] {
        [
            Check("a push producer that registers before the connection stands is running, and what it writes goes out")
            {
                let bench = try await $0.open { $0.isConnected = false }
                let producer = try bench.register()
                try bench.expect(bench.phase, is: .connecting, "the phase before the connection stands")
                bench.write()
                bench.write()
                try bench.expectSignals(producer, [], "the signals after two elements")
                try bench.expect(bench.level, is: 2 * bench.weight, "the level before the connection stands")
                try await bench.connect()
                try await bench.expectAllReceived()
                try bench.expectSignals(producer, [], "the signals when both have gone out")
            },
            Check(
                "a push producer that fills the marks before is paused at once, and resumed when the kernel has taken enough"
            ) {
                let bench = try await $0.open { $0.isConnected = false }
                let producer = try bench.register()
                let count = try bench.writeUntilFull()
                try bench.expect(count, is: 11, "the elements up to the one that lifted the level above the high mark")
                try bench.expectSignals(producer, [.pause], "the signals after the write above the high mark")
                await bench.settle()
                try bench.expectSignals(producer, [.pause], "the signals before the connection stands")
                try await bench.connect()
                try await bench.peerTakes()
                try await bench.eventually("the resume") { producer.signals.count > 1 }
                try bench.expectSignals(producer, [.pause, .resume], "the signals once everything has gone out")
                try await bench.expectAllReceived()
            },
            Check(
                "a pull producer is not asked before the connection stands, then once, and its first element goes out"
            ) {
                let bench = try await $0.open { $0.isConnected = false }
                let producer = try bench.registerPull()
                await bench.settle()
                try bench.expect(producer.questions, is: 0, "the questions before the connection stands")
                try await bench.connect()
                try await bench.eventually("the first question") { producer.questions > 0 }
                try bench.expect(producer.questions, is: 1, "the questions after it, without an answer")
                producer.answered()
                bench.write()
                try await bench.expectAllReceived()
            },
            Check("it is finished before the connection stands: what was written goes out, then the end") {
                let bench = try await $0.open { $0.isConnected = false }
                bench.write()
                bench.finishWriting()
                try await bench.expectNoEnd("before the connection stands")
                try await bench.connect()
                try await bench.expectAllReceived()
                try await bench.expectWriteEnd(.finished)
            },
        ]
    }

    static var upgrading: [Check] {
        [
            Check("an upgrade keeps a paused producer, the level, and what is held") {
                let bench = try await $0.open()
                let upgrade = try upgrade(of: bench)
                let producer = try bench.register()
                try await bench.block()
                if producer.signals.isEmpty { try bench.writeUntilFull() }
                await bench.settle()
                let before = bench.level
                bench.recorder.record("upgrade")
                try await upgrade()
                try bench.expect(bench.level, is: before, "the level after the upgrade")
                await bench.settle()
                try bench.expectSignals(producer, [.pause], "the signals after the upgrade")
                try await bench.peerTakes()
                try await bench.eventually("the resume") { producer.signals.count > 1 }
                try bench.expectSignals(producer, [.pause, .resume], "the signals when everything has gone out")
                try await bench.expectAllReceived()
            },
            Check("an upgrade keeps the consumer of what comes in") {
                let bench = try await $0.open()
                let upgrade = try upgrade(of: bench)
                let inlet = try bench.receive()
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
                bench.recorder.record("upgrade")
                try await upgrade()
                try await bench.peerSends()
                try await bench.expectAllDelivered(inlet)
            },
        ]
    }

    static var proceeding: [Check] {
        let ends: [(name: String, end: (TransportBench<Element>) -> Void)] = [
            ("finish", { $0.finish() }), ("a half-close", { $0.finishWriting() }),
        ]
        return ends.flatMap { name, end in
            [
                Check("\(name), then the producer unregisters") {
                    let bench = try await $0.open()
                    let producer = try bench.register()
                    bench.write()
                    end(bench)
                    bench.unregister(producer)
                    try await bench.expectAllReceived()
                    try await bench.expectWriteEnd(.finished)
                },
                Check("the producer unregisters, then \(name)") {
                    let bench = try await $0.open()
                    let producer = try bench.register()
                    bench.write()
                    bench.unregister(producer)
                    end(bench)
                    try await bench.expectAllReceived()
                    try await bench.expectWriteEnd(.finished)
                },
                Check("\(name), then everything goes out, then the producer unregisters") {
                    let bench = try await $0.open()
                    let producer = try bench.register()
                    bench.write()
                    end(bench)
                    try await bench.expectAllReceived()
                    bench.unregister(producer)
                    try await bench.expectWriteEnd(.finished)
                },
                Check("\(name) while the producer is paused, which unregisters inside its own resume") {
                    let bench = try await $0.open()
                    let producer = try bench.register()
                    producer.onResume = { [unowned producer] in bench.unregister(producer) }
                    try bench.writeUntilFull()
                    end(bench)
                    try await bench.expectAllReceived()
                    try await bench.expectWriteEnd(.finished)
                    try bench.expectSignals(producer, [.pause, .resume], "the signals")
                },
                Check("\(name) inside the pause, in which the producer unregisters") {
                    let bench = try await $0.open()
                    let producer = try bench.register()
                    producer.onPause = { [unowned producer] in
                        end(bench)
                        bench.unregister(producer)
                    }
                    try bench.writeUntilFull()
                    try await bench.expectAllReceived()
                    try await bench.expectWriteEnd(.finished)
                },
                Check("\(name), then a pull producer unregisters inside its question") {
                    let bench = try await $0.open()
                    var questions = 0
                    try bench.registerPull { producer in
                        questions += 1
                        if questions < 3 {
                            producer.answered()
                            bench.write()
                        } else {
                            bench.unregister(producer)
                        }
                    }
                    end(bench)
                    try await bench.expectAllReceived()
                    try await bench.expectWriteEnd(.finished)
                },
            ]
        }
    }

    private static func upgrade(of bench: TransportBench<Element>) throws -> () async throws -> Void {
        guard let upgrade = bench.subject.upgrade else { throw NotApplicable("it is not upgraded in place") }
        return upgrade
    }
}
