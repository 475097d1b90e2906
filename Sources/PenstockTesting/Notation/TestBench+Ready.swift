public import Penstock

extension TestBench {
    /// Creates a bench around a buffer, from which whole elements are taken.
    ///
    /// - Parameters:
    ///   - buffer: The consumer under test.
    ///   - clock: The scheduler the buffer was made with.
    ///   - weight: What an element costs, as the buffer was told.
    ///   - element: Makes an element of this weight.
    public init(
        _ buffer: Buffer<Element>,
        clock: VirtualClock,
        weight: @escaping (Element) -> Int,
        element: @escaping (_ weight: Int) -> Element
    ) {
        self.init(buffer, clock: clock, element: element) { wanted in
            var taken = 0
            while taken < wanted ?? .max, let next = buffer.peek(), weight(next) <= (wanted ?? .max) - taken {
                taken += weight(next)
                _ = buffer.take()
            }
            return taken
        }
    }
}

extension TestBench<Int> {
    /// A fresh buffer of numbers that weigh what they are.
    public static func buffer(marks: Watermarks = .bytes) -> TestBench<Int> {
        let clock = VirtualClock()
        let buffer = Buffer<Int>(marks: marks, weight: { $0 }, scheduler: clock)
        return TestBench(buffer, clock: clock, weight: { $0 }, element: { $0 })
    }
}

extension TestBench<[UInt8]> {
    /// A fresh transport in memory whose elements weigh their bytes, and whose kernel takes what the sequence drains.
    public static func transport(
        _ configuration: TestTransport.Configuration = TestTransport.Configuration(overhead: 0),
        isConnected: Bool = true
    ) -> TestBench<[UInt8]> {
        let clock = VirtualClock()
        let kernel = ScriptedKernel(space: 0)
        let transport = TestTransport(configuration, isConnected: isConnected, kernel: kernel, scheduler: clock)
        return TestBench(transport, clock: clock)
    }

    /// Creates a bench around a transport in memory; what is drained is what its kernel takes.
    ///
    /// - Parameters:
    ///   - transport: The consumer under test. Its kernel should have no space, and its elements no overhead, or a weight to
    ///     be drained is not a number of bytes.
    ///   - clock: The scheduler the transport was made with.
    public init(_ transport: TestTransport, clock: VirtualClock) {
        let overhead = transport.configuration.overhead
        let left = { transport.gate.flow.delivery.accepted.weight - transport.gate.flow.level }
        var nested = 0
        self.init(
            transport,
            clock: clock,
            element: { weight in
                precondition(weight > overhead, "an element of this transport weighs more than \(overhead)")
                return [UInt8](repeating: 0, count: weight - overhead)
            },
            drain: { wanted in
                // Not by the level alone: whoever is resumed by this may write, and drain in turn.
                let before = left()
                let others = nested
                nested = 0
                transport.kernelTakes(wanted ?? transport.gate.flow.level)
                let taken = left() - before
                defer { nested = others + taken }
                return taken - nested
            }
        )
        empty = { [] }
        connect = { transport.connect() }
        lose = { transport.peerResets() }
    }
}
