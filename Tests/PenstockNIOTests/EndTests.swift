import NIOCore
import Penstock
import PenstockNIO
import PenstockTesting
import Testing

extension Sockets {
    @Suite struct EndTests {
        @Test(
            "B10, C2.4, C6.3: finish waits for a pull producer, and proceeds when it unregisters",
            arguments: SocketFamily.allCases
        )
        func finishWithPullProducer(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let (phase, outcome) = try await pair.subject { rig in
                    try rig.transport.registerProducer(PullRecorder())
                    rig.transport.finish()
                    return (rig.transport.snapshot.phase, rig.write(1000))
                }
                #expect(phase == .finishing)
                #expect(outcome == .room)
                #expect(try await pair.peer.run { $0.readPattern(1000) }.bytes == 1000)
                try await pair.subject { $0.transport.unregisterProducer() }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 0))
                pair.peer.close()
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test(
            "B11, C6.3: finish waits for a push producer, paused or not",
            arguments: SocketFamily.allCases,
            [false, true]
        )
        func finishWithPushProducer(family: SocketFamily, isPaused: Bool) async throws {
            let first = isPaused ? 1_000_000 : 1000
            try await Pair.with(family, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                let phase = try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(first)
                    rig.transport.finish()
                    return rig.transport.snapshot.phase
                }
                #expect(phase == .finishing)
                #expect(try await pair.peer.run { $0.readPattern(first) } == .init(bytes: first))
                let signals = try await pair.subject { rig in
                    rig.write(1000, from: first)
                    return rig.producer.signals
                }
                #expect(signals == (isPaused ? [.pause, .resume] : []))
                #expect(try await pair.peer.run { $0.readPattern(1000, from: first) }.isIntact)
                try await pair.subject { rig in
                    rig.write(1000, from: first + 1000)
                    rig.transport.unregisterProducer()
                    rig.producer.unregistered()
                }
                let tail = try await pair.peer.run { $0.readPattern(from: first + 1000) }
                #expect(tail == .init(bytes: 1000))
                pair.peer.close()
                #expect(await pair.closed.wait().end.isOrderly)
                #expect(try await pair.subject { $0.producer.violations } == [])
            }
        }

        @Test(
            "B12: unregistering inside the stop of a lost connection that was finishing starts nothing",
            arguments: SocketFamily.allCases
        )
        func lostWhileFinishing(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    rig.producer.onStop = { reason in
                        rig.log.append("stop \(reason.code)")
                        rig.transport.unregisterProducer()
                        rig.log.append("write \(rig.write(10))")
                        rig.transport.finish()
                    }
                    try rig.transport.registerProducer(rig.producer)
                    rig.transport.finish()
                    rig.write(100)
                }
                try await pair.peer.run { peer in
                    while peer.unread == 0 {}
                    peer.reset()
                }
                #expect(await pair.closed.wait().end.code == .lost)
                let log = try await pair.subject { $0.log }
                #expect(log.prefix(3) == ["stop lost", "write closed", "end lost"])
                #expect(log.filter { $0.hasPrefix("stop") }.count == 1)
            }
        }

        @Test(
            "B13, C6.5: abort inside an element calls nothing back at once, and nothing follows it",
            arguments: SocketFamily.allCases
        )
        func abortInsideElement(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    rig.onElement = {
                        rig.write(10)
                        rig.transport.abort(.cancelled)
                        rig.log.append("write \(rig.write(10))")
                        rig.log.append("element is over")
                    }
                    try rig.receive()
                }
                try await pair.peer.run { _ = $0.write(Pattern.bytes(10)) }
                let tail = try await pair.peer.run { $0.readPattern() }
                #expect(tail.bytes == 0)
                #expect(tail.ending == (family == .tcp ? .reset : .finished))
                #expect(await pair.closed.wait().end.code == .cancelled)
                let log = try await pair.subject { $0.log }
                #expect(log.prefix(2) == ["write closed", "element is over"])
                #expect(log.contains("end cancelled"))
                #expect(log.last == "close cancelled")
            }
        }

        @Test("B14: abort twice, or abort and finish, is one end", arguments: SocketFamily.allCases)
        func abortTwice(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    try rig.receive()
                    try rig.transport.registerProducer(rig.producer)
                    rig.transport.abort(.cancelled)
                    rig.transport.abort(.aborted)
                    rig.transport.finish()
                    rig.transport.finishWriting()
                    rig.transport.fail(ChannelError.eof)
                }
                #expect(await pair.closed.wait().end.code == .cancelled)
                let log = try await pair.subject { rig in
                    rig.transport.abort(.aborted)
                    return rig.log
                }
                #expect(log.filter { $0.hasPrefix("stop") } == ["stop cancelled"])
                #expect(log.filter { $0.hasPrefix("end") } == ["end cancelled"])
                #expect(log.filter { $0.hasPrefix("inbound done") }.count == 1)
                #expect(log.filter { $0.hasPrefix("close") } == ["close cancelled"])
            }
        }

        @Test(
            "B15: abort does not wait for a full buffer and a peer that does not read",
            arguments: SocketFamily.allCases
        )
        func abortWithFullBuffer(family: SocketFamily) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { $0.write(2_000_000) }
                try await pair.subject { $0.transport.abort(.cancelled) }
                let report = await pair.closed.wait()
                #expect(report.end.code == .cancelled)
                #expect(report.bytesAccepted == 2_000_000)
                #expect(report.bytesDropped > 1_000_000)
            }
        }

        @Test(
            "B16, C6.5: abort inside a resume stops the producer once and tells the owner later",
            arguments: SocketFamily.allCases
        )
        func abortInsideResume(family: SocketFamily) async throws {
            let configuration = TransportConfiguration(marks: Watermarks(low: 250, high: 500))
            try await Pair.with(family, configuration) { pair in
                try await pair.subject { rig in
                    rig.producer.onResume = {
                        rig.transport.abort(.cancelled)
                        rig.log.append("resume is over")
                    }
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(1000)
                }
                #expect(await pair.closed.wait().end.code == .cancelled)
                let (signals, log) = try await pair.subject { ($0.producer.signals, $0.log) }
                #expect(signals == [.pause, .resume, .stop])
                #expect(log.prefix(3) == ["stop cancelled", "resume is over", "end cancelled"])
            }
        }

        @Test(
            "C6.5: an abort is never an orderly end, and counts as sent what the kernel has",
            arguments: SocketFamily.allCases
        )
        func abortIsNoFinish(family: SocketFamily) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { $0.write(1_000_000) }
                // Far from the low mark, so nobody has been told that the kernel took it.
                #expect(try await pair.peer.run { $0.readPattern(200_000) }.isIntact)
                try await pair.subject { $0.transport.abort(.finished) }
                let report = await pair.closed.wait()
                #expect(report.end.code == .aborted)
                #expect(report.bytesSent >= 200_000)
            }
        }

        @Test(
            "a deadline can be shortened, and a second finish does not bring one back",
            arguments: SocketFamily.allCases
        )
        func deadlineAnew(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.finishDeadline = .milliseconds(20)
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    rig.write(1_000_000)
                    rig.transport.finish(within: nil)
                    rig.transport.finish()
                    rig.transport.finishWriting()
                }
                try await pair.subject.eventLoop.scheduleTask(in: .milliseconds(100)) {}.futureResult.get()
                #expect(pair.closed.value == nil)
                try await pair.subject { $0.transport.finish(within: .milliseconds(10)) }
                #expect(await pair.closed.wait().end.code == .timedOut)
            }
        }

        @Test("who asks for the end after it is told at once", arguments: SocketFamily.allCases)
        func lateListener(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { $0.transport.abort(.cancelled) }
                _ = await pair.closed.wait()
                let told = try await pair.subject { rig in
                    var told: [EndReason.Code] = []
                    rig.transport.onClose = { told.append($0.end.code) }
                    rig.transport.onInboundEnd = { told.append($0.code) }
                    #expect(rig.transport.onClose == nil && rig.transport.onInboundEnd == nil)
                    return told
                }
                #expect(told == [.cancelled, .cancelled])
            }
        }

        @Test("C6.3: input nobody has read does not destroy what was sent", arguments: SocketFamily.allCases)
        func unreadInput(family: SocketFamily) async throws {
            let size = 2 << 20
            try await Pair.with(family) { pair in
                let flooded = try await pair.peer.run { peer in
                    peer.write(Pattern.bytes(100_000))
                }
                try await pair.subject { rig in
                    rig.write(size)
                    rig.transport.finish()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
                pair.peer.close()
                let report = await pair.closed.wait()
                #expect(report.end.isOrderly)
                #expect(report.bytesSent == size)
                #expect(report.bytesDiscarded == flooded)
                #expect(report.bytesReceived == flooded)
            }
        }

        @Test("C6.3: a peer that never finishes is closed after the linger", arguments: SocketFamily.allCases)
        func linger(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.linger = .milliseconds(50)
            try await Pair.with(family, configuration) { pair in
                try await pair.subject { rig in
                    rig.write(1000)
                    rig.transport.finish()
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 1000))
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test(
            "C6.3: the deadline turns a graceful end into an abort, and says who was waited for",
            arguments: SocketFamily.allCases,
            [false, true]
        )
        func deadline(family: SocketFamily, waitsForProducer: Bool) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    if waitsForProducer {
                        try rig.transport.registerProducer(rig.producer)
                    } else {
                        rig.write(1_000_000)
                    }
                    rig.transport.finish(within: .milliseconds(50))
                }
                let report = await pair.closed.wait()
                #expect(report.end.code == .timedOut)
                let expected = waitsForProducer ? "producer to unregister" : "peer to take"
                #expect(report.end.detail?.contains(expected) == true)
                #expect(await pair.ended.wait().code == .timedOut)
                let signals = try await pair.subject { $0.producer.signals }
                #expect(signals == (waitsForProducer ? [.stop] : []))
            }
        }

        @Test(
            "C6.6: a failed transport ends with a reset behind what was accepted, never a FIN",
            arguments: [SocketFamily.tcp]
        )
        func failure(family: SocketFamily) async throws {
            let size = 3 << 20
            try await Pair.with(family, sendBuffer: 16 << 10, receiveBuffer: 16 << 10) { pair in
                try await pair.subject { rig in
                    try rig.transport.registerProducer(rig.producer)
                    rig.write(size)
                    rig.transport.fail(ChannelError.eof)
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size, ending: .reset))
                let report = await pair.closed.wait()
                #expect(report.end.code == .failed)
                #expect(report.end.error as? ChannelError == .eof)
                #expect(report.bytesSent == size)
                #expect(try await pair.subject { $0.producer.signals } == [.pause, .stop])
            }
        }

        @Test(
            "C6.6: a failed transport whose peer takes nothing is reset after the linger",
            arguments: SocketFamily.allCases
        )
        func failureWithStalledPeer(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.linger = .milliseconds(50)
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                try await pair.subject { rig in
                    rig.write(1_000_000)
                    rig.transport.fail(ChannelError.eof)
                }
                let report = await pair.closed.wait()
                #expect(report.end.code == .failed)
                #expect(report.end.error as? ChannelError == .eof)
                #expect(report.bytesDropped > 0)
            }
        }

        @Test(
            "C6.7: the first of two ends wins, and the observer hears of the second",
            arguments: SocketFamily.allCases
        )
        func twoEnds(family: SocketFamily) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                let ignored = try await pair.subject { rig in
                    let observer = EndObserver()
                    rig.transport.observer = observer
                    rig.write(1_000_000)
                    rig.transport.fail(ChannelError.eof)
                    rig.transport.fail(ChannelError.alreadyClosed)
                    return withExtendedLifetime(observer) { observer.ignored.map { $0.error as? ChannelError } }
                }
                #expect(ignored == [.alreadyClosed])
                pair.peer.close()
                #expect(await pair.closed.wait().end.error as? ChannelError == .eof)
            }
        }

        @Test(
            "C6.7, C6.5: aborted behind an error, it ends at once, with the error that came first",
            arguments: SocketFamily.allCases
        )
        func abortBehindFailure(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.linger = .seconds(100)
            try await Pair.with(family, configuration, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                let ignored = try await pair.subject { rig in
                    let observer = EndObserver()
                    rig.transport.observer = observer
                    rig.write(1_000_000)
                    rig.transport.fail(ChannelError.eof)
                    rig.transport.abort(.cancelled)
                    return withExtendedLifetime(observer) { observer.ignored.map(\.code) }
                }
                #expect(ignored == [.cancelled])
                #expect(await pair.ended.wait().error as? ChannelError == .eof)
                let report = await pair.closed.wait()
                #expect(report.end.error as? ChannelError == .eof)
                #expect(report.bytesDropped > 0)
            }
        }

        @Test(
            "C6.8, C6.9: whoever asked for a flow, and the owner, learn how much was handed over",
            arguments: SocketFamily.allCases
        )
        func results(family: SocketFamily) async throws {
            try await Pair.with(family, sendBuffer: 4096, receiveBuffer: 4096) { pair in
                let result = Signal<FlowResult>()
                let delivery = Signal<Delivery>()
                try await pair.subject { rig in
                    rig.transport.onEnd = { delivery.tell($1) }
                    let chunk = Pattern.bytes(1000)
                    let source = SequenceSource(
                        repeatElement(chunk, count: 100_000),
                        scheduler: rig.transport.scheduler
                    )
                    try source.attach(to: rig.transport, atEnd: .finish) { result.tell($0) }
                    try rig.receive()
                }
                _ = try await pair.peer.run { $0.readPattern(100_000) }
                // More than the kernel takes has been written by now.
                try await pair.subject.until { $0.transport.snapshot.level > Watermarks.bytes.low }
                pair.peer.reset()
                let flow = await result.wait()
                #expect(flow.end.code == .lost)
                #expect(flow.summary.elements >= 100)
                let report = await pair.closed.wait()
                let figures = await delivery.wait()
                #expect(figures.accepted.elements == flow.summary.elements)
                #expect(figures.dropped.elements > 0)
                #expect(report.bytesAccepted == flow.summary.elements * 1000)
                // NIO does not say what the kernel took in the very write that found the peer gone: never too much.
                #expect(report.bytesSent >= 100_000 - flow.summary.peakLevel)
                #expect(report.bytesSent + report.bytesDropped == report.bytesAccepted)
                // C7.3: a loss with accepted elements left says how many.
                #expect(report.end.detail?.contains("\(report.bytesDropped)") == true)
            }
        }

        @Test(
            "C6.3: finish without a producer, long after the last write, does not hang",
            arguments: SocketFamily.allCases
        )
        func lateFinish(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.finishDeadline = .seconds(30)
            configuration.stallTimeout = nil
            try await Pair.with(family, configuration, sendBuffer: 8192, receiveBuffer: 8192) { pair in
                let size = try await pair.writeUntilBlocked()
                try await pair.subject { $0.transport.finish() }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: size))
                pair.peer.close()
                #expect(await pair.closed.wait().end.isOrderly)
            }
        }

        @Test("C6.3: a reset while a finished connection lingers is no orderly end", arguments: SocketFamily.allCases)
        func resetInTheLinger(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                try await pair.subject { rig in
                    rig.write(1000)
                    rig.transport.finish()
                }
                try await pair.subject.until { $0.transport.gate.end != nil }
                // Closed with unread input.
                pair.peer.reset()
                let report = await pair.closed.wait()
                #expect(report.end.code == .lost)
                #expect(report.bytesSent == 1000)
            }
        }

        @Test("C6.7: the observer hears of every abort after the first", arguments: SocketFamily.allCases)
        func secondAbort(family: SocketFamily) async throws {
            try await Pair.with(family) { pair in
                let observer = try await pair.subject { rig in
                    let observer = EndObserver()
                    rig.transport.observer = observer
                    rig.transport.abort(.failed(ChannelError.eof))
                    rig.transport.abort(.failed(ChannelError.inputClosed))
                    return OnLoop(observer, eventLoop: rig.transport.channel.eventLoop)
                }
                #expect(await pair.closed.wait().end.error as? ChannelError == .eof)
                try await pair.subject { $0.transport.abort(.failed(ChannelError.outputClosed)) }
                let ignored = try await observer { $0.ignored.map { $0.error as? ChannelError } }
                #expect(ignored == [.inputClosed, .outputClosed])
                #expect(await pair.ended.wait().error as? ChannelError == .eof)
            }
        }

        @Test("C6.6: an error that says the peer has finished ends with a reset, too")
        func failedWithPeerFinished() async throws {
            try await Pair.with(.tcp) { pair in
                try await pair.subject { rig in
                    rig.write(1000)
                    rig.transport.fail(EndReason(.peerFinished))
                }
                #expect(try await pair.peer.run { $0.readPattern() } == .init(bytes: 1000, ending: .reset))
                #expect(await !pair.closed.wait().end.isOrderly)
            }
        }
    }
}

private final class EndObserver: FlowObserver {
    var ignored: [EndReason] = []

    func flow(_ gate: Gate, didChange edge: FlowEdge) {
        if case .ignoredEnd(let reason) = edge { ignored.append(reason) }
    }
}
