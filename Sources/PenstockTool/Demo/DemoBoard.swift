import NIOCore
import Penstock
import PenstockNIO

/// Everything of the demo that lives on its one event loop: the streams, and what the servers do with a connection.
final class DemoBoard {
    let streams: [DemoStream]
    let scheduler: EventLoopScheduler
    private(set) var latency: LatencyProbe.Summary?

    private let file: DemoFile
    private let transport: TransportConfiguration
    private let chunkSize: Int
    private let probe: LatencyProbe
    /// The stream whose connections are being made; one at a time, so that each party knows which it is.
    private var opening: (stream: DemoStream, isOpen: EventLoopPromise<Void>)?
    private var open = 0
    private var isCalledOff = false
    private var finished: EventLoopPromise<Void>?

    init(_ plan: DemoPlan, file: DemoFile, transport: TransportConfiguration, chunkSize: Int, on loop: any EventLoop) {
        self.file = file
        self.transport = transport
        self.chunkSize = chunkSize
        scheduler = EventLoopScheduler.current(on: loop)
        streams = plan.clients.map(DemoStream.init)
        probe = LatencyProbe(scheduler: scheduler)
    }

    /// Begins the streams one after another; the future succeeds when all have ended, and fails when the time is up.
    func start(relays: [DemoPlan.Server: StreamAddress], timeout: Duration) -> EventLoopFuture<Void> {
        let loop = scheduler.eventLoop
        let finished = loop.makePromise(of: Void.self)
        self.finished = finished
        open = streams.count
        for stream in streams {
            stream.onEnd = { [self] in
                open -= 1
                if open == 0 { finished.succeed() }
            }
        }
        let watchdog = scheduler.schedule(after: timeout) { [self] in
            let late = streams.filter { !$0.missing.isEmpty }
                .map { "'\($0.name)' waits for its \($0.missing.joined(separator: ", "))" }
            finished.fail(Failure(.failed, "not done after \(timeout): \(late.joined(separator: "; "))"))
        }
        probe.start()
        begin(streams[...], relays, failed: { finished.fail($0) })
        finished.futureResult.assumeIsolated().whenComplete { [self] _ in
            watchdog.cancel()
            latency = probe.stop()
        }
        return finished.futureResult
    }

    /// Calls the demo off.
    func abort() {
        isCalledOff = true
        finished?.fail(CancellationError())
        for stream in streams { stream.abort() }
    }

    private func begin(
        _ rest: ArraySlice<DemoStream>,
        _ relays: [DemoPlan.Server: StreamAddress],
        failed: @escaping (any Error) -> Void
    ) {
        guard !isCalledOff, let stream = rest.first, let address = relays[stream.client.server] else { return }
        let isOpen = scheduler.eventLoop.makePromise(of: Void.self)
        opening = (stream, isOpen)
        isOpen.futureResult.assumeIsolated().whenSuccess { [self] in begin(rest.dropFirst(), relays, failed: failed) }
        StreamClient.connect(to: address, on: scheduler.eventLoop, configuration: transport) { result in
            switch result {
            case .success(let transport): stream.start(transport)
            case .failure(let error):
                isOpen.fail(error)
                failed(error)
            }
        }
    }

    // MARK: The servers

    /// A client has connected to a relay.
    func relay(_ front: ChannelTransport, to back: StreamAddress) {
        guard let stream = opening?.stream else { return front.abort(.aborted) }
        stream.relayHop = DemoHop(front, to: "client", largestElement: transport.largestRead + entryOverhead)
        Relay.join(front, to: back, configuration: transport) { result in
            stream.relayResult = result
            stream.checkEnd()
        }
    }

    /// The relay has connected to a server.
    func serve(_ server: DemoPlan.Server, _ transport: ChannelTransport) {
        guard let (stream, isOpen) = opening else { return transport.abort(.aborted) }
        let hop = DemoHop(transport, to: "relay", largestElement: chunkSize + entryOverhead)
        stream.serverHop = hop
        transport.onClose = { report in
            hop.report = report
            stream.checkEnd()
        }
        switch server {
        case .numbers:
            let session = NumbersSession(transport: transport, chunkSize: chunkSize, scheduler: transport.scheduler)
            session.willWrite = { stream.sent.update($0) }
            session.start()
        case .file:
            stream.sent = file.digest
            let source = FileSource(path: file.path, chunkSize: chunkSize, scheduler: transport.scheduler)
            do { try source.attach(to: transport) } catch { transport.abort(.failed(error)) }
        }
        isOpen.succeed()
    }

    /// The table as it stands.
    func rows() -> [DemoTable.Row] {
        streams.flatMap { stream -> [DemoTable.Row] in
            [
                DemoTable.Row(
                    hop: "\(stream.client.name) \(stream.client.server.rawValue)\u{2192}relay",
                    figures: stream.serverHop?.figures(because: nil)
                ),
                DemoTable.Row(
                    hop: Figures.column("relay\u{2192}client", 23, trailing: true),
                    figures: stream.relayHop?.figures(because: stream.cause)
                ),
            ]
        }
    }

    /// What is judged, once all has ended.
    func verdicts() -> [DemoVerdict] {
        streams.map { DemoVerdict($0) } + [DemoVerdict(peaksOf: streams, largestRead: transport.largestRead)]
    }
}

@available(*, unavailable)
extension DemoBoard: Sendable {}
