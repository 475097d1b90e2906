import Penstock

/// What one check of a ``TransportSuite`` works with: it opens a transport, or several one after another.
public final class TransportTrial<Element>: ConformanceTrial {
    let traits: TransportTraits
    let options: KitOptions
    let seed: UInt64

    private let make: (TransportSetup) async throws -> TransportUnderTest<Element>
    private let recorder = Recorder()
    private var benches: [TransportBench<Element>] = []

    init(
        traits: TransportTraits,
        options: KitOptions,
        seed: UInt64,
        make: @escaping (TransportSetup) async throws -> TransportUnderTest<Element>
    ) {
        self.traits = traits
        self.options = options
        self.seed = seed
        self.make = make
    }

    /// The calls and signals so far.
    public var calls: [String] { recorder.calls }

    /// Looks for what no transport may ever do: an illegal signal, a wrong byte, a second end.
    public func audit() async throws {
        for bench in benches { try await bench.audit() }
    }

    /// Closes every connection that was opened.
    public func close() async {
        for bench in benches { await bench.close() }
    }

    /// Opens a transport whose linger is over in a few whiles.
    func openWithShortLinger() async throws -> TransportBench<Element> {
        let linger = traits.patience * 5
        return try await open { $0.linger = linger }
    }

    /// Opens a transport.
    func open(_ configure: (inout TransportSetup) -> Void = { _ in }) async throws -> TransportBench<Element> {
        var setup = TransportSetup(traits: traits)
        configure(&setup)
        let subject = try await make(setup)
        let bench = TransportBench(subject, traits: traits, setup: setup, recorder: recorder)
        benches.append(bench)
        await bench.settle()
        return bench
    }
}

@available(*, unavailable)
extension TransportTrial: Sendable {}
