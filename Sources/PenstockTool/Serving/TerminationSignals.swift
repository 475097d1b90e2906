import UnixSignals

/// SIGINT and SIGTERM, one after another, for whoever awaits the next.
struct TerminationSignals {
    /// May be iterated several times, one after another, unlike the sequence of signals itself.
    let stream: AsyncStream<UnixSignal>

    /// From now on neither signal ends the process by itself.
    init() async {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let (stream, continuation) = AsyncStream.makeStream(of: UnixSignal.self)
        self.stream = stream
        Task {
            for await signal in signals { continuation.yield(signal) }
        }
    }

    /// The next signal; nil if the task was cancelled.
    func next() async -> UnixSignal? {
        for await signal in stream { return signal }
        return nil
    }
}
