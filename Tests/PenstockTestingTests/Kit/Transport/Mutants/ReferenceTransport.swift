import Penstock
import PenstockTesting

/// A transport in memory as plain as can be, which keeps the contract by itself, and breaks it on purpose if it has a mutation.
final class ReferenceTransport: Transport {
    typealias Element = [UInt8]
    typealias Output = [UInt8]

    let mutation: TransportMutation?
    let setup: TransportSetup
    let clock: VirtualClock
    static let overhead = 3

    // What the owner is told.
    var onEnd: ((EndReason, Delivery) -> Void)?
    var isEndTold = false
    var endListeners: [(EndReason, Delivery) -> Void] = []
    var onInboundEnd: ((EndReason) -> Void)?
    var onClose: ((EndReason) -> Void)?
    var onSecondError: ((EndReason) -> Void)?

    // Outbound: what the kernel has not taken, and how much of it belongs to each element.
    var phase: FlowControl.Phase
    var unsent: [UInt8] = []
    var entries: [Int] = []
    var delivery = Delivery()
    var push: (any PushProducer)?
    var pull: (any PullProducer)?
    var isPaused = false
    var isAsked = false
    var signals = 0
    var isFlushDue = false
    var isProceedDue = false

    // The end.
    var end: EndReason?
    /// What a graceful end under way ends with.
    var asked = EndReason.finished
    var endsBehindPeer = false
    var endsBoth = false
    var isOver = false
    var deadline: ScheduledWork?
    var lingering: ScheduledWork?

    // Inbound.
    var consumer: (any Consumer<[UInt8]>)?
    var atEnd = EndPolicy.finish
    var done: ((FlowResult) -> Void)?
    var held: [[UInt8]] = []
    var isInboundPaused = false
    var inboundPauses = 0
    var isDelivering = false
    var discards = false
    var isDeaf = false
    var inboundEnd: EndReason?
    var isInboundEndTold = false
    var lastConsumer: (any Consumer<[UInt8]>)?
    var received = 0
    var waiting = 0
    var discarded = 0

    // The kernel and the peer.
    var isConnected: Bool
    var space = 0
    var sent: [UInt8] = []
    var writeEnd = TransportPeer.WriteEnd.open

    init(_ setup: TransportSetup, clock: VirtualClock, mutation: TransportMutation?) {
        self.setup = setup
        self.clock = clock
        self.mutation = mutation
        isConnected = setup.isConnected
        phase = setup.isConnected ? .open : .connecting
    }

    var scheduler: any Scheduler { clock }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {
        if isEndTold, let end { body(end, delivery) } else { endListeners.append(body) }
    }

    func has(_ mutation: TransportMutation) -> Bool { self.mutation == mutation }

    var expectedWeight: Int? { nil }

    var level: Int {
        if end != nil { return has(.keepsItsLevelAfterTheLoss) && asked.code == .lost ? 1 : 0 }
        if has(.levelFallsAtTheFlush), !isFlushDue { return 0 }
        let started = wholeSizes.first.map { $0 != entries.first } ?? false
        let overhead = Self.overhead * entries.count
        if has(.overheadLeavesWithTheFirstByte), started { return unsent.count + overhead - Self.overhead }
        if has(.overheadStays) { return unsent.count + Self.overhead * delivery.accepted.elements }
        if has(.levelFallsByWholeElements) { return wholeSizes.reduce(0, +) + overhead }
        return unsent.count + overhead
    }

    /// The sizes of the elements that have not left whole, as they were written.
    var wholeSizes: [Int] = []

    var snapshot: FlowSnapshot {
        var snapshot = FlowSnapshot(name: "reference")
        snapshot.phase = phase
        snapshot.level = level
        snapshot.marks = setup.marks
        snapshot.delivery = delivery
        return snapshot
    }
}

@available(*, unavailable)
extension ReferenceTransport: Sendable {}

extension ReferenceTransport {
    static func suite(_ mutation: TransportMutation? = nil) -> TransportSuite<[UInt8]> {
        let name = mutation.map { "the reference that \($0)" } ?? "the reference"
        let options = KitOptions(randomOrders: 10)
        return TransportSuite(name, traits: TransportTraits(overhead: overhead), options: options) { setup in
            subject(setup, mutation)
        }
    }

    private static func subject(
        _ setup: TransportSetup,
        _ mutation: TransportMutation?
    ) -> TransportUnderTest<[UInt8]> {
        let clock = VirtualClock()
        let transport = ReferenceTransport(setup, clock: clock, mutation: mutation)
        let peer = TransportPeer(
            connect: setup.isConnected ? nil : { transport.connect() },
            send: { transport.peerSends($0) },
            finish: { transport.peerFinishes() },
            reset: { transport.lose() },
            take: { transport.kernelTakes($0) },
            received: { transport.sent },
            taken: { transport.sent.count },
            writeEnd: { transport.writeEnd }
        )
        var subject = TransportUnderTest(
            transport,
            clock: TrialClock(clock),
            peer: peer,
            element: { $0 },
            bytes: { $0 }
        )
        subject.onEnd = { transport.onEnd = $0 }
        subject.onInboundEnd = { transport.onInboundEnd = $0 }
        subject.onClose = { transport.onClose = $0 }
        subject.onSecondError = { transport.onSecondError = $0 }
        subject.input = { .init(received: transport.received, waiting: transport.waiting) }
        subject.discarded = { transport.discarded }
        subject.upgrade = { transport.upgrade() }
        return subject
    }
}
