import NIOCore
import NIOPosix
import Penstock
import PenstockNIO
import Testing

extension Sockets {
    @Suite struct RelayTests {
        private static let families = [
            (SocketFamily.tcp, SocketFamily.tcp), (.unix, .unix), (.tcp, .unix), (.unix, .tcp),
        ]

        @Test("B86, B87: both directions at once, intact, and half-close passed on", arguments: families)
        func bothDirections(front: SocketFamily, back: SocketFamily) async throws {
            let forth = 8 << 20
            let reverse = 5 << 20
            try await RelayedPair.with(front: front, back: back) { relayed in
                let pair = relayed
                async let sentForth: Void = pair.front.run { socket in
                    socket.write(Pattern.bytes(forth))
                    socket.finishWriting()
                }
                async let sentBack: Void = pair.back.run { socket in
                    socket.write(Pattern.bytes(reverse))
                    socket.finishWriting()
                }
                async let gotForth = pair.back.run { $0.readPattern() }
                async let gotBack = pair.front.run { $0.readPattern() }
                _ = try await (sentForth, sentBack)
                #expect(try await gotForth == .init(bytes: forth))
                #expect(try await gotBack == .init(bytes: reverse))
                let report = try await pair.report.wait().get()
                #expect(report.isComplete)
                #expect(report.frontToBack.bytesIn == forth)
                #expect(report.frontToBack.bytesOut == forth)
                #expect(report.backToFront.bytesIn == reverse)
                #expect(report.backToFront.bytesOut == reverse)
                #expect(report.duration > .zero)
            }
        }

        @Test("C6.4: a half-close is passed on, and the other direction lives", arguments: families)
        func halfClose(front: SocketFamily, back: SocketFamily) async throws {
            try await RelayedPair.with(front: front, back: back) { relayed in
                try await relayed.front.run { socket in
                    socket.write("question")
                    socket.finishWriting()
                }
                #expect(try await relayed.back.run { $0.readText(100) } == "question")
                #expect(relayed.report.value == nil)
                try await relayed.back.run { socket in
                    socket.write("answer")
                    socket.close()
                }
                #expect(try await relayed.front.run { $0.readText(100) } == "answer")
                #expect(try await relayed.report.wait().get().isComplete)
            }
        }

        @Test("C6.6: a reset is passed on as a reset, behind what was accepted, never as a FIN")
        func reset() async throws {
            let size = 30_000
            try await RelayedPair.with(front: .tcp, back: .tcp) { relayed in
                try await relayed.front.run { _ = $0.write(Pattern.bytes(size)) }
                let levels = await relayed.levels.wait()
                try await levels.until { $0.front.bytesReceived == size }
                relayed.front.reset()
                #expect(try await relayed.back.run { $0.readPattern() } == .init(bytes: size, ending: .reset))
                let report = try await relayed.report.wait().get()
                #expect(!report.isComplete)
                #expect(report.frontToBack.end.code == .lost)
                #expect(report.frontToBack.bytesIn == size)
                #expect(report.frontToBack.bytesOut == size)
                #expect(report.description.contains("lost"))
            }
        }

        @Test(
            "C6.6: everything accepted before a reset arrives, to a slow back within the linger",
            arguments: [SocketFamily.tcp, .unix]
        )
        func resetWithSlowBack(back: SocketFamily) async throws {
            let size = 100_000
            try await RelayedPair.with(front: .tcp, back: back, buffers: 4096) { relayed in
                try await relayed.front.run { _ = $0.write(Pattern.bytes(size)) }
                let levels = await relayed.levels.wait()
                try await levels.until { $0.front.bytesReceived > 50_000 && $0.back.snapshot.level > 0 }
                relayed.front.reset()
                try await levels.until { $0.front.gate.end != nil }
                let accepted = try await levels { $0.back.bytesAccepted }
                let tail = try await relayed.back.run { $0.readPattern() }
                #expect(tail.isIntact)
                #expect(tail.bytes >= accepted)
                if back == .tcp { #expect(tail.ending == .reset) }
                let report = try await relayed.report.wait().get()
                #expect(report.frontToBack.bytesOut == tail.bytes)
            }
        }

        @Test("B88, C10.2: a slow back and a fast front stay below the marks and one read", arguments: families)
        func slowBack(front: SocketFamily, back: SocketFamily) async throws {
            let size = 8 << 20
            var configuration = TransportConfiguration()
            configuration.largestRead = 32 << 10
            try await RelayedPair.with(front: front, back: back, configuration, buffers: 16 << 10) { relayed in
                let pair = relayed
                async let sent: Void = pair.front.run { socket in
                    socket.write(Pattern.bytes(size))
                    socket.finishWriting()
                }
                // Nothing is taken until the whole chain has filled up.
                _ = try await pair.front.run { socket in while !socket.isBlocked {} }
                #expect(try await pair.back.run { $0.readPattern() } == .init(bytes: size))
                _ = try await sent
                pair.back.close()
                #expect(try await pair.report.wait().get().frontToBack.isComplete)
                let (peak, inbound) = try await pair.levels.wait()() { ($0.back.snapshot.peak, $0.front.inboundPeak) }
                let most = configuration.marks.high + configuration.largestRead + entryOverhead
                #expect(peak > configuration.marks.high)
                #expect(peak <= most)
                // What the kernel hands over past a pause, when the front has finished, is in its receive buffer.
                #expect(inbound <= configuration.receiveWindow ?? 0)
            }
        }

        @Test("B85: the front is not read before the back is connected", arguments: SocketFamily.allCases)
        func backFirst(family: SocketFamily) async throws {
            let backlog = try RawSocket.listen(on: family.freshAddress())
            let server = try await StreamServer.bind(to: family.freshAddress())
            let readBefore = Signal<Int>()
            let report = Signal<Result<RelayReport, StreamError>>()
            server.serve { front in
                // The front has sent long before the back is even tried.
                front.scheduler.schedule(after: .milliseconds(30)) {
                    readBefore.tell(front.bytesReceived)
                    Relay.join(front, to: backlog.address) { report.tell($0) }
                }
            }
            let front = try await RawSocket.connect(to: server.address)
            try await front.run { _ = $0.write(Pattern.bytes(1000)) }
            #expect(await readBefore.wait() == 0)
            front.finishWriting()
            let back = try await backlog.socket.accept()
            #expect(try await back.run { $0.readPattern() } == .init(bytes: 1000))
            back.close()
            #expect(try await report.wait().get().isComplete)
            await server.shutdown()
        }

        @Test("B89: if the back refuses, the front is reset and nothing is left", arguments: SocketFamily.allCases)
        func backRefuses(family: SocketFamily) async throws {
            let nobody = try RawSocket.listen(on: family.freshAddress())
            nobody.socket.close()
            let server = try await StreamServer.bind(to: family.freshAddress())
            let report = Signal<Result<RelayReport, StreamError>>()
            server.serve { front in Relay.join(front, to: nobody.address) { report.tell($0) } }
            let before = openSockets()
            let front = try await RawSocket.connect(to: server.address)
            let tail = try await front.run { $0.readPattern() }
            #expect(tail == .init(bytes: 0, ending: family == .tcp ? .reset : .finished))
            guard case .failure(let error) = await report.wait() else {
                Issue.record("there was no back, and a report came all the same")
                return
            }
            #expect(error.operation == .connect)
            #expect(error.description.contains(family == .tcp ? "refused" : "Connection refused"))
            front.close()
            await server.shutdown()
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            try await OnLoop.on(loop) { _ in 0 }.until { _ in openSockets().isSubset(of: before) }
        }

        @Test(
            "B89: if the front disappears before the back is connected, both are closed",
            arguments: SocketFamily.allCases
        )
        func frontDisappears(family: SocketFamily) async throws {
            let backlog = try RawSocket.listen(on: family.freshAddress())
            let server = try await StreamServer.bind(to: family.freshAddress())
            let report = Signal<Result<RelayReport, StreamError>>()
            let isGone = Signal<Void>()
            let ready = Signal<Void>()
            server.serve { front in
                front.channel.closeFuture.whenComplete { _ in isGone.tell() }
                Relay.join(front, to: backlog.address) { report.tell($0) }
                // Gone in the same turn in which the back is being connected.
                front.abort(.cancelled)
                ready.tell()
            }
            let front = try await RawSocket.connect(to: server.address)
            await ready.wait()
            await isGone.wait()
            _ = await report.wait()
            let back = try await backlog.socket.accept()
            #expect(try await back.run { $0.readPattern() }.bytes == 0)
            back.close()
            front.close()
            await server.shutdown()
        }

        @Test("C6.2: when the report comes both descriptors are closed", arguments: families)
        func reaped(front: SocketFamily, back: SocketFamily) async throws {
            try await RelayedPair.with(front: front, back: back) { relayed in
                let before = openSockets()
                try await relayed.front.run { $0.finishWriting() }
                try await relayed.back.run { $0.finishWriting() }
                _ = await relayed.report.wait()
                // Two of the relay; the raw sockets are still open.
                #expect(before.subtracting(openSockets()).count >= 2)
            }
        }

        @Test(
            "C6.6, C7.2: what a lost back had sent before arrives at a slow front",
            arguments: families,
            [false, true]
        )
        func lostBack(families: (front: SocketFamily, back: SocketFamily), finishes: Bool) async throws {
            let (front, back) = families
            try await RelayedPair.with(front: front, back: back, buffers: 8192) { relayed in
                let levels = await relayed.levels.wait()
                let size = try await relayed.back.run { $0.fill() }
                if finishes { relayed.back.finishWriting() }
                relayed.back.reset()
                try await levels.until { $0.back.gate.end != nil }
                let (got, held) = try await levels { ($0.back.bytesReceived, $0.back.inboundLevel) }
                // A UNIX socket knows no reset: everything arrives, and the end of it.
                if back == .unix { #expect(got == size) }
                #expect(held > 0)
                let isReset = front == .tcp && back == .tcp
                #expect(
                    try await relayed.front.run { $0.readPattern() }
                        == .init(bytes: got, ending: isReset ? .reset : .finished)
                )
                relayed.front.close()
                let report = try await relayed.report.wait().get()
                #expect(report.backToFront.bytesOut == got)
                #expect(report.backToFront.isComplete == (back == .unix))
            }
        }

        @Test("C6.6, C7.3: without half-close, too, a slow back gets all that the front had sent")
        func noHalfClose() async throws {
            var configuration = TransportConfiguration()
            configuration.allowsHalfClosure = false
            configuration.linger = .milliseconds(100)
            try await RelayedPair.with(front: .unix, back: .unix, configuration, buffers: 8192) { relayed in
                let size = try await relayed.front.run { $0.fill() }
                relayed.front.finishWriting()
                let levels = await relayed.levels.wait()
                try await levels.until { $0.front.inboundLevel > 0 && $0.front.gate.end != nil }
                #expect(try await relayed.back.run { $0.readPattern() } == .init(bytes: size))
                _ = await relayed.report.wait()
            }
        }

        @Test("C6.3: a slow peer that goes on taking is not cut by the deadline of finish")
        func slowEnd() async throws {
            var configuration = TransportConfiguration()
            configuration.finishDeadline = .milliseconds(200)
            try await RelayedPair.with(front: .unix, back: .tcp, configuration, buffers: 8192) { relayed in
                let size = 400_000
                let back = relayed.back
                async let sent: Void = back.run { socket in
                    socket.write(Pattern.bytes(size))
                    socket.finishWriting()
                }
                let levels = await relayed.levels.wait()
                var read = 0
                while try await levels({ $0.front.gate.flow.phase }) == .open {
                    let offset = read
                    read += try await relayed.front.run { $0.readPattern(4096, from: offset).bytes }
                }
                _ = try await sent
                // Twice the deadline that must not count here.
                try await levels.eventLoop.scheduleTask(in: .milliseconds(400)) {}.futureResult.get()
                let offset = read
                let tail = try await relayed.front.run { $0.readPattern(from: offset) }
                #expect(tail == .init(bytes: size - read))
                relayed.front.close()
                #expect(try await relayed.report.wait().get().isComplete)
            }
        }

        @Test("C6.6: a client that has half-closed and is lost resets the server, and nothing is read for nobody")
        func lostBehindHalfClose() async throws {
            try await RelayedPair.with(front: .tcp, back: .tcp, buffers: 8192) { relayed in
                relayed.front.finishWriting()
                let size = 64 << 20
                let back = relayed.back
                async let written = back.run { $0.write(Pattern.bytes(size)) }
                let levels = await relayed.levels.wait()
                try await levels.until { $0.front.gate.flow.isPaused }
                relayed.front.reset()
                #expect(try await written < size)
                let report = try await relayed.report.wait().get()
                #expect(!report.backToFront.isComplete)
                #expect(report.backToFront.bytesIn < 16 << 20)
            }
        }

        @Test("C6.8: a relay of a connection that was lost before reports and lets go")
        func lostBefore() async throws {
            let backlog = try RawSocket.listen(on: SocketFamily.tcp.freshAddress())
            let report = Signal<Result<RelayReport, StreamError>>()
            try await Pair.with(.tcp) { pair in
                pair.peer.reset()
                _ = await pair.closed.wait()
                try await pair.subject { rig in Relay.join(rig.transport, to: backlog.address) { report.tell($0) } }
                #expect(try await !report.wait().get().isComplete)
            }
        }
    }
}
