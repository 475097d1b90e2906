import NIOCore
import Penstock
import PenstockNIO
import Testing

extension Sockets {
    @Suite struct PullTests {
        private let configuration = TransportConfiguration(marks: Watermarks(low: 4000, high: 8000))

        @Test(
            "B23, C1.7: a pull producer is asked once before the registration returns",
            arguments: SocketFamily.allCases
        )
        func askedAtRegistration(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let questions = try await pair.subject { rig in
                    let pull = PullRecorder()
                    try rig.transport.registerProducer(pull)
                    defer { rig.transport.unregisterProducer() }
                    return pull.questions
                }
                #expect(questions == 1)
            }
        }

        @Test(
            "B24, B25, C5.1: after a large answer it is asked once more when that has drained",
            arguments: SocketFamily.allCases
        )
        func askedAgainWhenDrained(family: SocketFamily) async throws {
            let answer = 800_000
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                let pull = try await pair.subject { rig in
                    let pull = PullRecorder()
                    pull.answer = { number in
                        if number <= 3 { rig.write(answer, from: (number - 1) * answer) }
                    }
                    try rig.transport.registerProducer(pull)
                    return OnLoop(pull, eventLoop: rig.transport.channel.eventLoop)
                }
                for round in 1...3 {
                    #expect(try await pull { $0.questions } == round)
                    #expect(try await pair.peer.run { $0.readPattern(answer, from: (round - 1) * answer) }.isIntact)
                    try await pull.until { $0.questions > round }
                }
                #expect(try await pull { $0.questions } == 4)
                try await pair.subject { $0.transport.abort(.cancelled) }
                #expect(try await pull { $0.stops.map(\.code) } == [.cancelled])
            }
        }

        @Test(
            "B26, C5.2: after its tenth element and unregistering it is not asked again",
            arguments: SocketFamily.allCases
        )
        func tenElements(family: SocketFamily) async throws {
            try await Pair.with(family, configuration) { pair in
                let pull = try await pair.subject { rig in
                    let pull = PullRecorder()
                    pull.answer = { [unowned pull] number in
                        rig.write(1000, from: (number - 1) * 1000)
                        guard number == 10 else { return }
                        rig.transport.unregisterProducer()
                        rig.transport.finish()
                        pull.answer = { _ in }
                    }
                    try rig.transport.registerProducer(pull)
                    return OnLoop(pull, eventLoop: rig.transport.channel.eventLoop)
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 10_000))
                pair.peer.close()
                _ = await pair.closed.wait()
                #expect(try await pull { $0.questions } == 10)
                #expect(try await pull { $0.stops.count } == 0)
            }
        }

        @Test("B27, C5.3: a question without an answer waits, and any write gives it", arguments: SocketFamily.allCases)
        func lateAnswer(family: SocketFamily) async throws {
            try await Pair.with(family, configuration) { pair in
                let pull = try await pair.subject { rig in
                    let pull = PullRecorder()
                    try rig.transport.registerProducer(pull)
                    return OnLoop(pull, eventLoop: rig.transport.channel.eventLoop)
                }
                for round in 1...5 {
                    let wasAsked = try await pair.subject { rig in
                        let wasAsked = rig.transport.snapshot.isAsked
                        rig.write(100, from: (round - 1) * 100)
                        return wasAsked
                    }
                    #expect(wasAsked)
                    // The level is below the low mark, so the next question follows: at the tail of the write, or on a later turn
                    // if this one has used up its time (C5.5).
                    try await pull.until { $0.questions > round }
                    #expect(try await pull { $0.questions } == round + 1)
                }
                #expect(try await pair.peer.run { $0.readPattern(500) }.isIntact)
            }
        }

        @Test("B27, C5.4: an empty answer is followed by a question on a later turn", arguments: SocketFamily.allCases)
        func emptyAnswer(family: SocketFamily) async throws {
            try await Pair.with(family, configuration) { pair in
                let (pull, atOnce) = try await pair.subject { rig in
                    let pull = PullRecorder()
                    pull.answer = { number in
                        if number <= 5 { rig.transport.write(ByteBuffer()) }
                        if number == 6 { rig.write(1000) }
                        if number == 7 { rig.transport.unregisterProducer() }
                    }
                    try rig.transport.registerProducer(pull)
                    return (OnLoop(pull, eventLoop: rig.transport.channel.eventLoop), pull.questions)
                }
                #expect(atOnce == 1)
                try await pull.until { $0.questions == 7 }
                #expect(try await pair.peer.run { $0.readPattern(1000) }.isIntact)
            }
        }

        @Test("C3.5: an empty sequence answers no question", arguments: SocketFamily.allCases)
        func emptySequence(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let pull = try await pair.subject { rig in
                    let pull = PullRecorder()
                    try rig.transport.registerProducer(pull)
                    #expect(rig.transport.write(contentsOf: []) == .room)
                    #expect(rig.transport.snapshot.isAsked)
                    return OnLoop(pull, eventLoop: rig.transport.channel.eventLoop)
                }
                try await pull.eventLoop.scheduleTask(in: .milliseconds(1)) {}.futureResult.get()
                #expect(try await pull { $0.questions } == 1)
                // One without content is an answer.
                try await pair.subject { _ = $0.transport.write(contentsOf: [ByteBuffer()]) }
                try await pull.until { $0.questions == 2 }
                try await pair.subject { $0.transport.unregisterProducer() }
            }
        }

        @Test("C10.2: the peak of a pull flow is the low mark plus one element", arguments: SocketFamily.allCases)
        func peak(family: SocketFamily) async throws {
            let size = 4 << 20
            let element = 1500
            try await Pair.with(family, configuration, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                let result = Signal<FlowResult>()
                try await pair.subject { rig in
                    let source = SequenceSource(Pattern.chunks(size, of: element), scheduler: rig.transport.scheduler)
                    try source.attach(to: rig.transport, atEnd: .finish) { result.tell($0) }
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
                pair.peer.close()
                let summary = try await result.wait().get()
                #expect(summary.elements == (size + element - 1) / element)
                #expect(summary.weight == size + summary.elements * entryOverhead)
                #expect(summary.peakLevel <= configuration.marks.low + element + entryOverhead)
                #expect(summary.peakLevel > 0)
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }
    }
}
