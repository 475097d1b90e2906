import LoopbackLoad
import NIOCore
import NIOPosix
import Penstock

/// What it costs to hand an element from one task to another on the same event loop.
enum DoorComparisons {
    static let all = [comparison("int", "an Int") { $0 }] + [1, 16, 64].map { bytes($0) }

    private static func bytes(_ kibibytes: Int) -> Comparison {
        let chunk = ByteBuffer(repeating: 0x50, count: kibibytes << 10)
        return comparison("bytes-\(kibibytes)", "a ByteBuffer of \(kibibytes) KiB") { _ in chunk }
    }

    private static func comparison<Element: Sendable>(
        _ name: String,
        _ what: String,
        _ make: @escaping @Sendable (Int) -> Element
    ) -> Comparison {
        Comparison(
            name: "doors/\(name)",
            summary: "\(what) from task to task on one event loop, through a Buffer with the marks 16/32 elements",
            figures: [
                Figure("time", unit: "ns/element", target: .ratioAtMost(1)),
                Figure("peak", unit: "elements held"),
            ],
            references: [
                side("AsyncStream, unbounded") { await $0.stream($1, make) },
                side("AsyncChannel") { await $0.channel($1, make) },
                side("synchronous call") { await $0.call($1, make) },
            ],
            candidate: side("Penstock") { try await $0.penstock($1, make) }
        )
    }

    private static func side(
        _ label: String,
        _ pass: @escaping @Sendable (DoorDomain, _ elements: Int) async throws -> DoorDomain.Passage
    ) -> Side {
        Side(label: label) { scale in
            let elements = scale.pick(full: 500_000, quick: 50_000)
            let domain = DoorDomain(MultiThreadedEventLoopGroup.singleton.next())
            _ = try await pass(domain, elements / 10)
            let clock = ContinuousClock()
            let start = clock.now
            let passage = try await pass(domain, elements)
            let duration = clock.now - start
            guard passage.arrived == elements else {
                throw MeasurementError("\(label): \(passage.arrived) of \(elements) elements arrived")
            }
            return ["time": duration / .nanoseconds(1) / Double(elements), "peak": Double(passage.peak)]
        }
    }
}
