import HandOffWork
import LoopbackLoad

/// What it costs to hand an element from a producer to its reader through a `Buffer`.
enum HandOffComparisons {
    static let all: [Comparison] = Payload.allCases.flatMap { payload in
        Route.allCases.map { comparison(payload, $0) }
    }

    private static func comparison(_ payload: Payload, _ route: Route) -> Comparison {
        Comparison(
            name: "hand-off/\(payload.rawValue)/\(route.rawValue)",
            summary: summary(payload, route),
            figures: [
                Figure("time", unit: "ns/element", target: .overAtMost(target(payload, route))),
                Figure("allocations", unit: "/element", target: .atMost(0)),
            ],
            references: [side(.direct(payload)), side(.deque(payload))],
            candidate: HandOff.penstock(payload, route).map { handOff in
                side(handOff, mustEqual: .direct(payload))
            }
        )
    }

    private static func summary(_ payload: Payload, _ route: Route) -> String {
        let what =
            switch payload {
            case .int: "an Int"
            case .bytes: "a ByteBuffer of 16 KiB"
            }
        let how =
            switch route {
            case .push: "push, concrete consumer"
            case .pushAny: "push, any Consumer"
            case .pull: "pull, concrete consumer"
            case .pullAny: "pull, any Consumer"
            case .batch: "write(contentsOf:) of 64"
            }
        return "\(what) through a Buffer, \(how)"
    }

    /// The nanoseconds that a hand-off may cost beyond a direct call.
    private static func target(_ payload: Payload, _ route: Route) -> Double {
        switch (route, payload) {
        case (.batch, _): 15
        case (.pushAny, _), (.pullAny, _): 180
        case (_, .int): 70
        case (_, .bytes): 100
        }
    }

    private static func side(_ handOff: HandOff, mustEqual reference: HandOff? = nil) -> Side {
        Side(label: handOff.name) { scale in
            let elements = scale.pick(full: 5_000_000, quick: 500_000)
            let sum = handOff.run(elements: elements / 10)
            if let reference, reference.run(elements: elements / 10) != sum {
                throw MeasurementError("\(handOff.name): not every element arrived")
            }
            let duration = ContinuousClock().measure { _ = handOff.run(elements: elements) }
            var sample = ["time": duration / .nanoseconds(1) / Double(elements)]
            sample["allocations"] = handOff.allocationsPerElement(elements: 100_000)
            return sample
        }
    }

    /// A line that says whether the allocation counter sees allocations of Swift objects whose number is known.
    ///
    /// The array that holds the instances adds one to the two of each pair.
    static func allocationCheck() throws -> String {
        let objects = 1000
        let counted = AllocationSelfTest.count(objects: objects)
        let known = 2 * objects + 1
        guard counted.allocations == known else {
            throw MeasurementError("the allocation counter saw \(counted.allocations) allocations instead of \(known)")
        }
        return "Allocation counter: saw \(counted.allocations) of \(known) allocations, \(counted.frees) frees."
    }
}
