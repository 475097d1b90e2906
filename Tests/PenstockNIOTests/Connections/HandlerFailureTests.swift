import NIOCore
import NIOPosix
import Penstock
import PenstockTesting
import Synchronization
import Testing

@testable import PenstockNIO

extension Sockets {
    /// A handler that fails, in whatever way, ends its own connection and nothing else.
    @Suite struct HandlerFailureTests {
        private struct Refusal: Error, Equatable { var number = 0 }

        /// How a handler fails.
        enum Failing: CaseIterable, Sendable {
            case atOnce, behindRead, behindWrite, inChild, inSecondChild, whileSiblingReads, whileSiblingWrites
        }

        @Test(
            "a handler that throws resets its connection; its error is told and counted",
            arguments: SocketFamily.allCases,
            Failing.allCases
        )
        func thrown(family: SocketFamily, failing: Failing) async throws {
            let failures = Failures()
            let isReading = Signal<Void>()
            let report = try await withServer(family, failures: failures) { connection in
                connection.shrinkSendBuffer()
                guard try await connection.read() == ByteBuffer(string: "fail") else {
                    return try await connection.write(ByteBuffer(string: "fine"))
                }
                isReading.tell()
                switch failing {
                case .atOnce:
                    break
                case .behindRead:
                    _ = try await connection.read()
                case .behindWrite:
                    // Accepted whole, and not sent.
                    try await connection.write(contentsOf: Pattern.chunks(2_000_000, of: 50_000))
                case .inChild:
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { throw Refusal(number: 1) }
                        try await group.waitForAll()
                    }
                case .inSecondChild:
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { for try await _ in connection.inbound {} }
                        group.addTask { throw Refusal(number: 1) }
                        // The first that ends is the one that throws.
                        try await group.next()
                    }
                case .whileSiblingReads:
                    async let reading = connection.read()
                    throw Refusal(number: try await reading == nil ? 2 : 1)
                case .whileSiblingWrites:
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await connection.writePattern(50_000_000) }
                        group.addTask {
                            _ = try await connection.read()
                            throw Refusal(number: 1)
                        }
                        try await group.next()
                    }
                }
                throw Refusal(number: 1)
            } _: { server in
                let bystander = try await RawSocket.connect(to: server.address)
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                _ = try await peer.run { $0.write("fail") }
                if [.behindRead, .whileSiblingReads, .whileSiblingWrites].contains(failing) {
                    await isReading.wait()
                    _ = try await peer.run { $0.write("more") }
                }
                await failures.hasSome.wait()
                let tail = try await peer.run { $0.readPattern() }
                #expect(tail.bytes < 2_000_000)
                if family == .tcp { #expect(tail.ending == .reset) }
                peer.close()
                // Those who came before, and those who come after.
                _ = try await bystander.run { $0.write("well?") }
                #expect(try await bystander.run { $0.readText(10) } == "fine")
                let later = try await RawSocket.connect(to: server.address)
                _ = try await later.run { $0.write("well?") }
                #expect(try await later.run { $0.readText(10) } == "fine")
                bystander.close()
                later.close()
            }
            #expect(failures.all.map { $0 as? Refusal } == [Refusal(number: 1)])
            #expect(report == StreamServer.RunReport(connections: 3, failures: 1))
        }

        @Test(
            "of 200 connections every third handler throws: all others get everything, and nothing is left behind",
            arguments: SocketFamily.allCases
        )
        func every3rd(family: SocketFamily) async throws {
            raiseDescriptorLimit()
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let before = openSockets()
            let remains = try await OnLoop.on(loop) { _ in Remains() }
            let failures = Failures()
            let report = try await withServer(family, on: loop, failures: failures) { connection in
                connection.withTransport { transport in
                    remains.visit { remains in
                        remains.remember("connection", connection)
                        remains.remember("transport", transport)
                    }
                }
                guard let question = try await connection.read(), let number = Int(String(buffer: question)) else {
                    throw Refusal(number: -1)
                }
                if number % 3 == 0 {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { for try await _ in connection.inbound {} }
                        group.addTask { try await connection.writePattern(1_000_000) }
                        throw Refusal(number: number)
                    }
                }
                try await connection.writePattern(100_000 + number)
            } _: { server in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    // No more at a time than there are threads for blocked peers.
                    for number in 0..<200 {
                        if number >= 20 { try await group.next() }
                        group.addTask {
                            let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                            let tail = try await peer.run { peer in
                                peer.write("\(number)")
                                return peer.readPattern()
                            }
                            #expect(tail.isIntact)
                            if number % 3 > 0 {
                                #expect(tail == RawSocket.Tail(bytes: 100_000 + number))
                            } else if family == .tcp {
                                #expect(tail.ending == .reset)
                            }
                            peer.close()
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(report == StreamServer.RunReport(connections: 200, failures: 67))
            let numbers = failures.all.map { ($0 as? Refusal)?.number ?? -1 }
            #expect(numbers.sorted() == Array(stride(from: 0, to: 200, by: 3)))
            #expect(try await remains { $0.count } == 400)
            try await remains.until { $0.alive.isEmpty && openSockets().isSubset(of: before) }
        }

        @Test("a stall names who waited for whom, since when", arguments: SocketFamily.allCases)
        func stall(family: SocketFamily) async throws {
            var configuration = TransportConfiguration()
            configuration.stallTimeout = .milliseconds(50)
            let failures = Failures()
            let report = try await withServer(family, configuration, failures: failures) { connection in
                connection.shrinkSendBuffer()
                while true { try await connection.write(Pattern.bytes(10_000)) }
            } _: { server in
                let peer = try await RawSocket.connect(to: server.address, receiveBuffer: 4096)
                await failures.hasSome.wait()
                peer.close()
            }
            #expect(report.failures == 1)
            let error = try #require(failures.all.first as? EndReason)
            #expect(error.code == .timedOut)
            let detail = try #require(error.detail)
            #expect(detail.contains("the peer took none of the"))
            #expect(detail.contains("its producer waits for transport to take"))
            #expect(detail.contains("for 0."))
            if family == .tcp { #expect(detail.contains("127.0.0.1:")) }
        }
    }
}
