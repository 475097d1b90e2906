import Penstock

/// The consumer of a node, and how it is reached.
struct SimulatedParts {
    /// The most bytes a line may have in a simulated world.
    static let longestLine = 12

    var consumer: any Consumer<SimulationElement>
    var gate: Gate?
    var source: (any Source<SimulationElement>)?
    var take: (() -> SimulationElement?)?
    var duplex: Duplex<SimulationElement>?
    var collector: Collector<SimulationElement>?
    var marks: (low: Int, high: Int)
    /// The other end of a pair, for the node that comes next.
    var otherEnd: Duplex<SimulationElement>?
    var transport: TestTransport?
    var null: NullConsumer<SimulationElement>?
    var buffer: Buffer<SimulationElement>?

    /// - Parameter transform: Called for each element that a map transforms.
    init(
        _ plan: SimulationWorld.Node,
        clock: VirtualClock,
        previous: SimulatedParts?,
        subject: SimulationSubject.Maker?,
        transform: @escaping () throws -> Void
    ) {
        let watermarks = Watermarks(low: plan.low, high: plan.high)
        marks = (plan.low, plan.high)
        switch plan.kind {
        case .collector:
            let made = Collector<SimulationElement>(cap: plan.high, scheduler: clock)
            collector = made
            consumer = made
            gate = made.gate
            marks = (0, 0)
        case .null:
            let made = NullConsumer<SimulationElement>(scheduler: clock)
            null = made
            consumer = made
            gate = made.gate
            marks = (0, 0)
        case .map:
            let made = Map<SimulationElement, SimulationElement>(marks: watermarks, scheduler: clock) { element in
                try transform()
                return element
            }
            consumer = made
            gate = made.gate
            source = made
        case .adapter:
            let made = PushFromPull<SimulationElement>(marks: watermarks, scheduler: clock)
            consumer = made
            gate = made.gate
            source = made
        case .framer:
            let made = LineFramer<SimulationElement>(
                maximumLength: Self.longestLine,
                marks: watermarks,
                scheduler: clock
            )
            consumer = made
            gate = made.gate
            source = SimulatedLines(made)
            marks = (made.gate.marks.low, made.gate.marks.high)
        case .duplex:
            let (left, right) = Duplex<SimulationElement>.pair(marks: watermarks, scheduler: clock)
            consumer = left
            gate = left.gate
            source = right
            duplex = left
            otherEnd = right
        case .back where previous?.otherEnd != nil:
            let right = previous?.otherEnd ?? Duplex<SimulationElement>.pair(marks: watermarks, scheduler: clock).right
            right.marks = watermarks
            consumer = right
            gate = right.gate
            source = previous?.duplex
            duplex = right
        case .transport:
            let made = SimulatedTransport(marks: watermarks, clock: clock)
            transport = made.transport
            consumer = made
            gate = made.transport.gate
        case .subject:
            if let made = subject?(clock, watermarks) {
                consumer = made.consumer
                take = made.take
            } else {
                fallthrough
            }
        case .buffer, .reader, .back:
            let made = Buffer<SimulationElement>(marks: watermarks, scheduler: clock)
            buffer = made
            consumer = made
            gate = made.gate
            take = { [unowned made] in made.take() }
        }
        if plan.kind != .collector, plan.kind != .null { gate?.limit = plan.limit }
    }
}
