import Benchmark
import HandOffWork

private let allocations = BenchmarkMetric.custom("Allocations per 1000 elements", useScalingFactor: false)

let benchmarks: @Sendable () -> Void = {
    for payload in Payload.allCases {
        add(.direct(payload), payload)
        add(.deque(payload), payload)
        for route in Route.allCases {
            if let handOff = HandOff.penstock(payload, route) { add(handOff, payload) }
        }
    }
}

/// Adds a benchmark that passes 1000 elements in each iteration.
private func add(_ handOff: HandOff, _ payload: Payload) {
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput, allocations],
        scalingFactor: .kilo,
        maxDuration: .seconds(1)
    )
    Benchmark("\(payload.rawValue): \(handOff.name)", configuration: configuration) { benchmark in
        blackHole(handOff.run(elements: benchmark.scaledIterations.count))
        benchmark.stopMeasurement()
        if let perElement = handOff.allocationsPerElement(elements: 1000) {
            benchmark.measurement(allocations, Int((perElement * 1000).rounded()))
        }
    }
}
