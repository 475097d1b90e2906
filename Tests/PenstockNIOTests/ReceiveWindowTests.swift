#if os(Linux)
    import NIOCore
    import Penstock
    import PenstockNIO
    import Testing

    extension Sockets {
        /// C7.6 on TCP: the kernel likes to raise the receive window of a fast peer, and the bound has to outlast that.
        @Suite struct ReceiveWindowTests {
            enum Role: CaseIterable {
                case accepted, connected
            }

            private static let window = 128 << 10
            private static let largestRead = 64 << 10
            // The peer's kernel takes twice as much, and at the end of its queue a whole packet of loopback.
            private static let sendBuffer = 16 << 10
            private static let slack = 2 * sendBuffer + (64 << 10)

            private static var configuration: TransportConfiguration {
                var configuration = TransportConfiguration()
                configuration.receiveWindow = window
                configuration.largestRead = largestRead
                return configuration
            }

            @Test("C7.6: what a peer can send past a pause is bounded, however fast it was", arguments: Role.allCases)
            func boundAfterSpeed(role: Role) async throws {
                try await withPair(role) { subject, received, peer in
                    try await subject { try $0.receive() }
                    let moved = 64 << 20
                    _ = try await peer.run { peer in
                        for offset in stride(from: 0, to: moved, by: 1 << 20) {
                            peer.write(Pattern.bytes(1 << 20, from: offset))
                        }
                    }
                    try await subject.until { $0.bytesDelivered == moved }
                    try await subject { $0.transport.pauseProducing() }
                    let sent = try await peer.run { peer in
                        peer.shrinkSendBuffer(to: Self.sendBuffer)
                        let sent = peer.fill(from: moved)
                        peer.finishWriting()
                        return sent
                    }
                    #expect(sent <= Self.window + Self.largestRead + Self.slack)
                    // Half of it at least, or the bound would cost speed.
                    #expect(sent >= Self.window / 2)
                    try await subject { $0.transport.resumeProducing() }
                    #expect(await received.wait().isComplete)
                    let (bytes, isIntact, peak) = try await subject { rig in
                        (rig.bytesDelivered, rig.isIntact, rig.transport.inboundPeak)
                    }
                    #expect(bytes == moved + sent)
                    #expect(isIntact)
                    #expect(peak <= Self.window + Self.largestRead)
                }
            }

            private func withPair(
                _ role: Role,
                _ body: (OnLoop<Rig>, Signal<FlowResult>, RawSocket) async throws -> Void
            ) async throws {
                switch role {
                case .accepted:
                    try await Pair.with(.tcp, Self.configuration) { pair in
                        try await body(pair.subject, pair.received, pair.peer)
                    }
                case .connected:
                    let (listener, address) = try RawSocket.listen(on: .tcp(host: "127.0.0.1", port: 0))
                    let (subject, received) = try await StreamClient.connect(
                        to: address,
                        configuration: Self.configuration
                    ) { transport in
                        let rig = Rig(transport)
                        return (OnLoop(rig, eventLoop: transport.channel.eventLoop), rig.received)
                    }
                    let peer = try await listener.accept()
                    let closed = try await subject { $0.closed }
                    do {
                        try await body(subject, received, peer)
                    } catch {
                        try await subject { $0.transport.abort(.aborted) }
                        throw error
                    }
                    try await subject { $0.transport.abort(.aborted) }
                    _ = await closed.wait()
                }
            }
        }
    }
#endif
