import NIOCore
import Penstock

extension Connection {
    /// Ends both sides gracefully, within the configured deadline; see ``finish(within:waitingForAcknowledgement:)``.
    @discardableResult
    public func finish(waitingForAcknowledgement: Bool = false) async throws(ConnectionError) -> Delivery {
        try await finish(
            within: transport.configuration.finishDeadline,
            waitingForAcknowledgement: waitingForAcknowledgement
        )
    }

    /// Ends both sides gracefully, behind the writes that wait, and returns when every accepted byte was handed to the kernel
    /// (C6.3).
    ///
    /// The scope of the connection does this when it returns. Unread input is discarded; it never destroys what was sent.
    ///
    /// - Parameters:
    ///   - deadline: After this long the graceful end becomes an abort; nil for none.
    ///   - waitingForAcknowledgement: Whether to wait, before the write side is ended, until the peer's system has acknowledged
    ///     every byte as well; only Linux tells. The deadline holds for that as well.
    /// - Returns: What is known of the bytes.
    /// - Throws: ``ConnectionError`` if it did not end in order. If the task is cancelled meanwhile, the connection is aborted.
    @discardableResult
    public func finish(
        within deadline: Duration?,
        waitingForAcknowledgement: Bool = false
    ) async throws(ConnectionError) -> Delivery {
        isFinishing = true
        let start = transport.scheduler.now
        let acknowledged = waitingForAcknowledgement ? await acknowledgement(within: deadline) : nil
        let rest = deadline.map { max($0 - (transport.scheduler.now - start), .zero) }
        transport.finish(within: rest)
        // Whoever still reads is told, and what was not read is discarded.
        buffer?.abort(EndReason(.closedLocally))
        let end = await outboundEnd()
        var delivery = self.delivery
        delivery.bytesAcknowledged = acknowledged
        guard end.isOrderly else { throw ConnectionError(end: end, delivery: delivery) }
        return delivery
    }

    /// Ends the write side gracefully, behind the writes that wait, and leaves the read side as it is: half-close (C6.4).
    ///
    /// - Returns: What is known of the bytes, when every accepted one was handed to the kernel.
    /// - Throws: ``ConnectionError`` if it did not end in order. If the task is cancelled meanwhile, the connection is aborted.
    @discardableResult
    public func finishWriting() async throws(ConnectionError) -> Delivery {
        isFinishing = true
        transport.finishWriting()
        let end = await outboundEnd()
        guard end.isOrderly else { throw ConnectionError(end: end, delivery: delivery) }
        return delivery
    }

    private var delivery: Delivery {
        Delivery(bytesAccepted: transport.bytesAccepted, bytesSent: transport.bytesSent)
    }

    /// Serves the writes that wait, and answers how what goes out has ended.
    private func outboundEnd() async -> EndReason {
        await closeWriter()
        return await transport.receipt().end
    }

    /// Waits until the kernel has nothing left to send, and answers how many bytes the peer has acknowledged; nil if the system
    /// does not tell.
    private func acknowledgement(within deadline: Duration?) async -> Int? {
        #if os(Linux)
            let scheduler = transport.scheduler
            let start = scheduler.now
            let waker = Waker(scheduler: scheduler)
            var pause = Duration.milliseconds(1)
            while !transport.isOver, transport.gate.end?.isOrderly ?? true {
                let unsent = transport.channel.unsentBytes
                let acknowledged = max(0, transport.bytesSent - unsent)
                let isProducing = writesUnderWay > 0 || (writer == nil && transport.gate.flow.kind != .none)
                if !isProducing, transport.bytesWaiting == 0, unsent == 0 { return acknowledged }
                guard deadline.map({ scheduler.now - start < $0 }) ?? true else {
                    let detail = "the end waited \(scheduler.now - start) for the peer to acknowledge \(unsent) bytes"
                    transport.abort(EndReason(.timedOut, detail: detail))
                    return acknowledged
                }
                // The kernel tells nobody, so it is asked, less and less often.
                scheduler.schedule(after: pause) { waker.wake() }
                pause = min(pause * 2, .milliseconds(16))
                if await waker.wait() {
                    transport.abort(.cancelled)
                    return acknowledged
                }
            }
        #endif
        return nil
    }

    /// Owns the connection while a closure runs that is isolated to it.
    func scope<Value: Sendable>(
        _ body: @Sendable (isolated Connection) async throws -> Value
    ) async throws -> Value {
        try await own { try await body(self) }
    }

    /// Owns the connection while a closure runs elsewhere.
    func scope<Value: Sendable>(
        on executor: any TaskExecutor,
        _ body: @Sendable @concurrent (Connection) async throws -> Value
    ) async throws -> Value {
        try await own { try await Self.run(body, with: self, on: executor) }
    }

    @concurrent
    private static func run<Value: Sendable>(
        _ body: @Sendable @concurrent (Connection) async throws -> Value,
        with connection: Connection,
        on executor: any TaskExecutor
    ) async throws -> Value {
        try await withTaskExecutorPreference(executor) { try await body(connection) }
    }

    /// The scope of the connection: whichever way it is left, the connection is closed behind it (C9.4).
    private func own<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            if !isAbortedHere, !isRelayed { try await finish() }
            try await closed()
            release()
            return value
        } catch {
            transport.abort(error is CancellationError ? .cancelled : .failed(error))
            buffer?.abort(.aborted)
            // Cancelled or not: the descriptor is closed in the next turns of the loop.
            try? await closed()
            release()
            throw error
        }
    }

    /// Waits until the descriptor is closed, and brings that about if the task is cancelled.
    private func closed() async throws {
        let waker = Waker(scheduler: transport.scheduler)
        var isClosed = false
        whenClosed {
            isClosed = true
            waker.wake()
        }
        var isCancelled = false
        while !isClosed {
            if isCancelled {
                await waker.waitEvenIfCancelled()
            } else if await waker.wait(), !isClosed {
                isCancelled = true
                transport.abort(.cancelled)
            }
        }
        if isCancelled { throw CancellationError() }
    }

    private func whenClosed(_ body: @escaping () -> Void) {
        transport.channel.closeFuture.assumeIsolated().whenComplete { _ in body() }
    }
}
