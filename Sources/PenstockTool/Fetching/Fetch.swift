import NIOCore
import Penstock
import PenstockNIO

/// One fetch, on the event loop of its connection: the transport is attached to a file, which the rate limit holds.
final class Fetch {
    struct Settings {
        var output: String?
        var request: String?
        var rate: Int?
        var marks: Watermarks
        var showsProgress: Bool
    }

    struct Outcome {
        var received: Int
        var written: Int
        var duration: Duration
        var end: EndReason
    }

    private let transport: ChannelTransport
    private let sink: FileSink
    private let promise: EventLoopPromise<Outcome>
    private let startedAt: Duration
    private let progress: FetchProgress?

    init(_ transport: ChannelTransport, _ settings: Settings, promise: EventLoopPromise<Outcome>) {
        self.transport = transport
        self.promise = promise
        let scheduler = transport.scheduler
        startedAt = scheduler.now
        sink = FileSink(file: OutputFile(path: settings.output), marks: settings.marks, scheduler: scheduler)
        if let rate = settings.rate {
            // A burst of no more than one read, so that the rate is even.
            sink.gate.add(TokenBucket(rate: Double(rate), scheduler: scheduler))
        }
        progress = settings.showsProgress ? FetchProgress(scheduler: scheduler) : nil
    }

    /// - Parameter request: Sent first; then, or at once, the write side is ended: there is nothing more to say.
    func start(request: String?) {
        sink.onEnd = { [self] reason, _ in finished(reason) }
        progress?.start { [weak self] in self?.state }
        do {
            try transport.attach(to: sink)
        } catch {
            return transport.abort(.failed(error))
        }
        if let request { transport.write(ByteBuffer(string: request)) }
        transport.finishWriting()
    }

    /// What has been received is still written.
    func cancel() {
        transport.abort(.cancelled)
    }

    private var state: FetchProgress.State {
        FetchProgress.State(
            received: transport.bytesReceived,
            holds: sink.gate.flow.holds.map(\.name),
            level: sink.gate.flow.level
        )
    }

    private func finished(_ reason: EndReason) {
        progress?.stop(state)
        promise.succeed(
            Outcome(
                received: transport.bytesReceived - transport.bytesDiscarded,
                written: sink.bytesWritten,
                duration: transport.scheduler.now - startedAt,
                end: reason
            )
        )
        if reason.isOrderly { transport.finish() } else { transport.abort(reason) }
    }
}

@available(*, unavailable)
extension Fetch: Sendable {}
