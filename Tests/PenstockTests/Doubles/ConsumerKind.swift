import Penstock
import PenstockTesting

/// Every consumer in memory: what all of them must do the same way is tested with all of them.
enum ConsumerKind: CaseIterable, Sendable {
    case buffer, duplex, map, unattachedMap, pushFromPull, collector, null

    /// Those that have room at the start: a stage without a consumer has the hold `downstream`.
    static let roomy = allCases.filter { $0 != .unattachedMap }

    /// Those that hold what they get until somebody takes it.
    static let holding: [ConsumerKind] = [.buffer, .duplex, .unattachedMap]

    /// A fresh consumer with the marks 2/4, in which every element weighs 1.
    func make(_ clock: VirtualClock) throws -> any GatedConsumer<Int> {
        let marks = Watermarks(low: 2, high: 4)
        switch self {
        case .buffer:
            return Buffer<Int>(marks: marks, weight: { _ in 1 }, scheduler: clock)
        case .duplex:
            return Duplex<Int>.pair(marks: marks, weight: { _ in 1 }, scheduler: clock).left
        case .map, .unattachedMap:
            let map = Map<Int, Int>(marks: marks, weight: { _ in 1 }, scheduler: clock, transform: { $0 })
            if self == .map { try map.attach(to: NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)) }
            return map
        case .pushFromPull:
            let adapter = PushFromPull<Int>(marks: marks, weight: { _ in 1 }, scheduler: clock)
            try adapter.attach(to: NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock))
            return adapter
        case .collector:
            return Collector<Int>(cap: 1_000, weight: { _ in 1 }, scheduler: clock)
        case .null:
            return NullConsumer<Int>(weight: { _ in 1 }, scheduler: clock)
        }
    }

    /// A fresh consumer of bytes, which know what they weigh.
    func makeForBytes(_ clock: VirtualClock) throws -> any GatedConsumer<[UInt8]> {
        let marks = Watermarks.bytes
        switch self {
        case .buffer:
            return Buffer<[UInt8]>(marks: marks, scheduler: clock)
        case .duplex:
            return Duplex<[UInt8]>.pair(marks: marks, scheduler: clock).left
        case .map, .unattachedMap:
            let map = Map<[UInt8], [UInt8]>(marks: marks, scheduler: clock, transform: { $0 })
            if self == .map { try map.attach(to: NullConsumer<[UInt8]>(scheduler: clock)) }
            return map
        case .pushFromPull:
            let adapter = PushFromPull<[UInt8]>(marks: marks, scheduler: clock)
            try adapter.attach(to: NullConsumer<[UInt8]>(scheduler: clock))
            return adapter
        case .collector:
            return Collector<[UInt8]>(cap: 1_000, scheduler: clock)
        case .null:
            return NullConsumer<[UInt8]>(scheduler: clock)
        }
    }
}
