import NIOCore
import Penstock

extension Connection {
    /// Joins this connection and another both ways, as ``Relay`` does, and returns when both are closed.
    ///
    /// It takes both for good. A connection that is opened in a handler is on the same event loop, unless another is asked for.
    ///
    /// ```swift
    /// try await server.run { front in
    ///     try await StreamClient.withConnection(to: backend) { back in
    ///         let report = try await front.relay(to: back)
    ///     }
    /// }
    /// ```
    ///
    /// - Returns: What was moved in each direction, and how it ended.
    /// - Throws: `CancellationError` if the task is cancelled, with both aborted; an `EndReason` if the two are not on the same event
    ///   loop, or one of them is being written to or read.
    @discardableResult
    public func relay(to other: Connection) async throws -> RelayReport {
        let (front, back) = try transportsForRelay(to: other)
        let waker = Waker(scheduler: transport.scheduler)
        var told: RelayReport?
        Relay.join(front, back) { report in
            told = report
            waker.wake()
        }
        var isCancelled = false
        while true {
            if let told {
                if isCancelled { throw CancellationError() }
                return told
            }
            if isCancelled {
                await waker.waitEvenIfCancelled()
            } else if await waker.wait(), told == nil {
                isCancelled = true
                front.abort(.cancelled)
                back.abort(.cancelled)
            }
        }
    }

    private func transportsForRelay(to other: Connection) throws -> (front: ChannelTransport, back: ChannelTransport) {
        guard other.eventLoop === eventLoop, other !== self else {
            throw EndReason(.failed, detail: "a relay joins two connections of one event loop")
        }
        let front = try transportForRelay()
        // The same event loop, and so the same executor.
        let back = try other.assumeIsolated { other in
            let back = try other.transportForRelay()
            other.isRelayed = true
            return NIOLoopBound(back, eventLoop: other.eventLoop)
        }
        isRelayed = true
        return (front, back.value)
    }

    private func transportForRelay() throws -> ChannelTransport {
        guard writesUnderWay == 0, buffer == nil, !isFinishing else {
            throw EndReason(.failed, detail: "the connection is in use and cannot be relayed")
        }
        writer = nil
        guard transport.gate.flow.kind == .none, !transport.outlet.isAttached else {
            throw EndReason(.failed, detail: "the connection is in use and cannot be relayed")
        }
        return transport
    }
}
