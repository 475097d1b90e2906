import NIOCore
import NIOPosix
import Penstock
import Testing

@testable import PenstockNIO

extension Sockets {
    /// Cancelling, at every place where a handler can wait.
    @Suite struct CancellationTests {
        /// Where the handler waits.
        enum Place: CaseIterable, Sendable {
            case read, inbound, inboundInChild, write, writeOfSecond, writeContents, finish, finishBehindReturn,
                finishWriting
            case acknowledgement, linger, relay, sleep, elsewhere
        }

        @Test(
            "cancelling a client aborts its connection, wherever it waits (C9.4)",
            arguments: SocketFamily.allCases,
            Place.allCases
        )
        func client(family: SocketFamily, place: Place) async throws {
            let before = openSockets()
            let (listener, address) = try RawSocket.listen(on: family.freshAddress(), receiveBuffer: 4096)
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let waits = Signal<any Channel>()
            let task = Task {
                try await StreamClient.withConnection(to: address, on: loop) { connection in
                    connection.shrinkSendBuffer()
                    let channel = connection.withTransport { $0.channel }
                    // Told in the next turns of the loop, by when the handler waits.
                    connection.eventLoop.scheduleTask(in: .milliseconds(5)) { waits.tell(channel) }
                    try await wait(place, connection, address)
                }
            }
            let peer = try await listener.accept()
            let channel = await waits.wait()
            task.cancel()
            let error = await #expect(throws: (any Error).self) { try await task.value }
            #expect(!channel.isActive)
            #expect(error is CancellationError || (error as? ConnectionError)?.end.code == .cancelled)
            if place != .linger {
                let tail = try await peer.run { $0.readPattern() }
                #expect(tail.isIntact)
                #expect(tail.bytes < 3_000_000)
                if family == .tcp { #expect(tail.ending == .reset) }
            }
            peer.close()
            listener.close()
            try await OnLoop.on(loop) { _ in 0 }.until { _ in openSockets().isSubset(of: before) }
        }

        @Test("cancelling before, and while, a connection is made leaves nothing open", arguments: [true, false])
        func connecting(isEarly: Bool) async throws {
            let before = openSockets()
            // The queue of one is full, so the second connection is not made.
            let (listener, address) = try RawSocket.listen(on: SocketFamily.tcp.freshAddress(), backlog: 0)
            var others: [RawSocket] = []
            if !isEarly { others.append(try await RawSocket.connect(to: address)) }
            let isCancelled = Signal<Void>()
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let task = Task {
                if isEarly { await isCancelled.wait() }
                try await StreamClient.withConnection(to: address, on: loop, connectTimeout: .milliseconds(500)) {
                    connection in
                    while let bytes = try await connection.read() { try await connection.write(bytes) }
                }
            }
            if !isEarly { try await Task.sleep(for: .milliseconds(20)) }
            task.cancel()
            isCancelled.tell()
            await #expect(throws: CancellationError.self) { try await task.value }
            for other in others { other.close() }
            listener.close()
            try await OnLoop.on(loop) { _ in 0 }.until { _ in openSockets().isSubset(of: before) }
        }

        @Test("a server whose task is cancelled lets its handlers come to their end")
        func gracefulShutdown() async throws {
            let hasBegun = Signal<Void>()
            let mayGoOn = Signal<Void>()
            let server = try await StreamServer.bind(to: ":0")
            let task = Task {
                try await server.run { connection in
                    try await connection.write(ByteBuffer(string: "one "))
                    hasBegun.tell()
                    await mayGoOn.wait()
                    try await connection.write(ByteBuffer(string: "two"))
                    #expect(!Task.isCancelled)
                }
            }
            let peer = try await RawSocket.connect(to: server.address)
            await hasBegun.wait()
            task.cancel()
            mayGoOn.tell()
            #expect(try await peer.run { $0.readText(100) } == "one two")
            peer.close()
            #expect(try await task.value == StreamServer.RunReport(connections: 1, failures: 0))
            await #expect(throws: IOError.self) { try await RawSocket.connect(to: server.address) }
        }

        @Test("what has not come to its end by the deadline is cancelled and aborted", arguments: SocketFamily.allCases)
        func lateShutdown(family: SocketFamily) async throws {
            let failures = Failures()
            let server = try await StreamServer.bind(to: family.freshAddress())
            let task = Task {
                try await server.run(shutdownWithin: .milliseconds(50), onError: { failures.note($1) }) { connection in
                    try await connection.write(ByteBuffer(string: "on"))
                    if try await connection.read() == ByteBuffer(string: "sleep") {
                        try await Task.sleep(for: .seconds(1000))
                    } else {
                        _ = try await connection.read()
                    }
                }
            }
            let (first, second) = (
                try await RawSocket.connect(to: server.address), try await RawSocket.connect(to: server.address)
            )
            #expect(try await first.run { $0.readText(2) } == "on")
            #expect(try await second.run { $0.readText(2) } == "on")
            _ = try await first.run { $0.write("sleep") }
            _ = try await second.run { $0.write("read") }
            task.cancel()
            let ends = try await [first.run { $0.readPattern() }, second.run { $0.readPattern() }]
            if family == .tcp { #expect(ends.map(\.ending) == [.reset, .reset]) }
            #expect(try await task.value == StreamServer.RunReport(connections: 2, failures: 2))
            #expect(failures.all.count == 2)
            if case .unix = server.address.kind { #expect(!TemporaryDirectory.exists(server.address)) }
            first.close()
            second.close()
        }

        @Test(
            "a server that is shut down, or whose task was cancelled before, returns from run",
            arguments: [true, false]
        )
        func otherEnds(isCancelled: Bool) async throws {
            let server = try await StreamServer.bind(to: ":0")
            let began = Signal<Void>()
            let task = Task {
                if isCancelled { await began.wait() }
                return try await server.run { connection in
                    began.tell()
                    for try await chunk in connection.inbound { try await connection.write(chunk) }
                }
            }
            if isCancelled {
                task.cancel()
                began.tell()
                #expect(try await task.value == StreamServer.RunReport())
            } else {
                let peer = try await RawSocket.connect(to: server.address)
                await began.wait()
                async let down: Void = server.shutdown()
                while !server.isStopping { await Task.yield() }
                // The handler decides when it is done, also then.
                for text in ["still", "there"] {
                    _ = try await peer.run { $0.write(text) }
                    #expect(try await peer.run { $0.readText(5) } == text)
                }
                peer.close()
                await down
                #expect(try await task.value == StreamServer.RunReport(connections: 1, failures: 0))
            }
        }
    }
}

/// Waits in one place for what does not come.
private func wait(
    _ place: Sockets.CancellationTests.Place,
    _ connection: isolated Connection,
    _ address: StreamAddress
) async throws {
    switch place {
    case .read:
        _ = try await connection.read()
    case .inbound:
        for try await _ in connection.inbound {}
    case .inboundInChild:
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for try await _ in connection.inbound {} }
            try await group.waitForAll()
        }
    case .write:
        try await connection.writePattern(3_000_000)
    case .writeOfSecond:
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.writePattern(3_000_000) }
            group.addTask { try await connection.write(ByteBuffer(string: "x")) }
            try await group.waitForAll()
        }
    case .writeContents:
        try await connection.write(contentsOf: Pattern.chunks(3_000_000, of: 50_000))
        try await connection.write(contentsOf: Pattern.chunks(10_000, of: 1000))
    case .finish:
        try await connection.write(contentsOf: Pattern.chunks(3_000_000, of: 50_000))
        try await connection.finish()
    case .finishBehindReturn:
        try await connection.write(contentsOf: Pattern.chunks(3_000_000, of: 50_000))
    case .finishWriting:
        try await connection.write(contentsOf: Pattern.chunks(3_000_000, of: 50_000))
        try await connection.finishWriting()
    case .acknowledgement:
        try await connection.write(contentsOf: Pattern.chunks(3_000_000, of: 50_000))
        try await connection.finish(waitingForAcknowledgement: true)
    case .linger:
        try await connection.write(ByteBuffer(string: "x"))
    case .relay:
        try await connection.write(ByteBuffer(string: ""))
        try await StreamClient.withConnection(to: address) { other in _ = try await connection.relay(to: other) }
    case .sleep:
        try await Task.sleep(for: .seconds(1000))
    case .elsewhere:
        await withCheckedContinuation { continuation in
            connection.eventLoop.scheduleTask(in: .milliseconds(50)) { continuation.resume() }
        }
        try Task.checkCancellation()
    }
}
