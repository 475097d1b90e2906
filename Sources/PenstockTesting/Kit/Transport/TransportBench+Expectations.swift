import Penstock

/// What a check expects; each says what happened instead.
extension TransportBench {
    func expect(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
        guard condition else { throw TrialFailure(problem()) }
    }

    func expect<Value: Equatable>(_ was: Value, is expected: Value, _ what: @autoclosure () -> String) throws {
        guard was == expected else { throw TrialFailure("\(what()): expected \(expected), was \(was)") }
    }

    /// What the level must be after the kernel has taken this many bytes (C4.6).
    func exactLevel(taken: Int) -> Int {
        accepted.count - taken + bounds.count(where: { $0 > taken }) * traits.overhead
    }

    /// Settles and compares the level with what the kernel has taken.
    func expectExactLevel(_ moment: @autoclosure () -> String) async throws {
        guard let taken = peer.taken else { throw NotApplicable("what its kernel has taken cannot be known") }
        var found = ""
        // A network may take a while to tell what it has taken.
        try await eventually("an exact level \(moment()) (\(found))") {
            let bytes = await taken()
            let exact = exactLevel(taken: bytes)
            found = "\(level) instead of \(exact), \(bytes) of \(accepted.count) bytes taken"
            return level >= exact && level < exact + traits.slice
        }
    }

    func expectSignals(
        _ producer: StrictProducer,
        _ signals: [StrictProducer.Signal],
        _ what: @autoclosure () -> String
    ) throws {
        try expect(producer.signals, is: signals, what())
    }

    /// The signals, but for one that may have come before them.
    func expectSignals(
        _ producer: StrictProducer,
        _ signals: [StrictProducer.Signal],
        _ what: @autoclosure () -> String,
        after first: StrictProducer.Signal
    ) throws {
        let was = producer.signals.first == first ? Array(producer.signals.dropFirst()) : producer.signals
        try expect(was, is: signals, what())
    }

    /// The peer reads everything, and sees the write side end so.
    func expectWriteEnd(_ expected: TransportPeer.WriteEnd) async throws {
        try await peerTakes()
        try await eventually("the end of the write side at the peer") { await peer.writeEnd() != .open }
        let end = await peer.writeEnd()
        if expected == .reset, !traits.tellsReset { return }
        try expect(end, is: expected, "the end of the write side, as the peer sees it")
    }

    func expectWriteSideOpen(_ moment: @autoclosure () -> String) async throws {
        await settle()
        try expect(await peer.writeEnd(), is: .open, "the write side, as the peer sees it, \(moment())")
    }

    /// The peer has got everything that was accepted.
    func expectAllReceived() async throws {
        try await peerTakes()
        try await eventually("all \(accepted.count) accepted bytes at the peer") {
            await peer.received().count >= accepted.count
        }
        try expect(await peer.received() == accepted, "the peer got other bytes than were accepted")
    }

    /// The outbound side has ended, and the owner was told once.
    @discardableResult
    func expectEnd(_ code: EndReason.Code) async throws -> Delivery {
        guard subject.onEnd != nil else { throw NotApplicable("it does not tell the end of its outbound side") }
        try await eventually("the news that the outbound side has ended (\(code))") { !ends.isEmpty }
        try expect(ends.map(\.reason.code), is: [code], "the ends that the owner was told")
        try expect(phase, is: .ended, "the phase after the end")
        return ends[0].delivery
    }

    func expectNoEnd(_ moment: @autoclosure () -> String) async throws {
        await settle()
        try expect(ends.map(\.reason.code), is: [], "the ends that the owner was told \(moment())")
    }

    func expectInboundEnd(_ code: EndReason.Code) async throws {
        guard subject.onInboundEnd != nil else { throw NotApplicable("it does not tell the end of its inbound side") }
        try await eventually("the news that the inbound side has ended (\(code))") { !inboundEnds.isEmpty }
        try expect(inboundEnds.map(\.code), is: [code], "the ends of the inbound side that the owner was told")
    }

    func expectClose() async throws {
        guard subject.onClose != nil else { return }
        try await eventually("the news that the connection is over") { !closes.isEmpty }
    }

    func expectNoClose(_ moment: @autoclosure () -> String) async throws {
        await settle()
        try expect(closes.map(\.code), is: [], "the news that the connection is over, \(moment())")
    }

    /// The consumer has got everything that the peer has sent.
    func expectAllDelivered(_ inlets: TransportInlet<Element>...) async throws {
        try await eventually("all \(arrived.count) bytes of the peer at the consumer") {
            inlets.reduce(0) { $0 + $1.received.count } >= arrived.count
        }
        try expect(inlets.flatMap(\.received) == arrived, "the consumer got other bytes than the peer sent")
    }

    /// The calls since a number of them.
    func calls(since count: Int) -> [String] { Array(recorder.calls.dropFirst(count)) }
}
