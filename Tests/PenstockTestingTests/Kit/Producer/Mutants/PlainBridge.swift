import Penstock
import PenstockTesting

/// A deliberate defect of a ``PlainBridge``.
enum BridgeMutation: String, CaseIterable, Sendable {
    case hasNoWindow, sendsAfterThePause, forgetsTheResume, forgetsTheCredit, forgetsTheStop, losesTheError
    case losesWhatWasOnItsWay

    /// The rule that must catch it.
    var rule: ContractRule { .c9_3 }
}

/// A source whose elements come from another domain: a far side produces them, and every word between the two takes a turn.
///
/// The far side may be ahead by a window of credit. What arrives at a paused near side waits there, but for one element that
/// was handed on already, which is its skid.
final class PlainBridge: Source, PushProducer {
    static let window = 3
    static let skid = 1

    var expectedWeight: Int? { nil }
    /// What has been produced and not been written.
    var held: Int { produced - written }
    /// Whether the far side produces no more.
    private(set) var isFarSideClosed = false

    private let mutation: BridgeMutation?
    private let count: Int
    private let failure: PlainFailure?
    private let scheduler: VirtualClock
    private let outlet: Outlet<Int>
    private var waiting: [Int] = []
    private var credit = PlainBridge.window
    private var produced = 0
    private var written = 0
    private var isHandingOn = false

    init(count: Int, failure: PlainFailure?, mutation: BridgeMutation?, scheduler: VirtualClock) {
        self.count = count
        self.failure = failure
        self.mutation = mutation
        self.scheduler = scheduler
        outlet = Outlet(scheduler: scheduler)
    }

    func attach(
        to consumer: any Consumer<Int>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
        guard outlet.end == nil else { return }
        tell { $0.produce() }
    }

    func pauseProducing() { outlet.paused() }

    func resumeProducing() {
        outlet.resumed()
        if mutation != .forgetsTheResume { tell { $0.handOn() } }
    }

    func stopProducing(_ reason: EndReason) {
        waiting = []
        outlet.stopped(reason)
        if mutation != .forgetsTheStop { tell { $0.isFarSideClosed = true } }
    }

    /// Says something to the other side, which hears it on a later turn.
    private func tell(_ word: @escaping (PlainBridge) -> Void) {
        scheduler.onLaterTurn { [self] in word(self) }
    }

    // MARK: The far side

    private func produce() {
        guard !isFarSideClosed else { return }
        while produced < count, credit > 0 || mutation == .hasNoWindow {
            credit -= 1
            produced += 1
            let element = produced
            tell { $0.arrived(element) }
        }
        if produced == count {
            isFarSideClosed = true
            tell { $0.handOn() }
        }
    }

    // MARK: The near side

    private func arrived(_ element: Int) {
        guard outlet.end == nil else { return }
        if mutation == .losesWhatWasOnItsWay, outlet.isPaused { return written += 1 }
        waiting.append(element)
        handOn()
    }

    private func handOn() {
        guard outlet.end == nil, outlet.isOpen || mutation == .sendsAfterThePause, !isHandingOn, !waiting.isEmpty else {
            return concludeIfDone()
        }
        isHandingOn = true
        while outlet.isOpen || mutation == .sendsAfterThePause, !waiting.isEmpty {
            written += 1
            outlet.write(waiting.removeFirst())
            guard mutation != .forgetsTheCredit else { continue }
            tell {
                $0.credit += 1
                $0.produce()
            }
        }
        isHandingOn = false
        concludeIfDone()
    }

    private func concludeIfDone() {
        guard written == count, outlet.end == nil else { return }
        if let failure, mutation != .losesTheError { outlet.fail(failure) } else { outlet.finish() }
    }
}
