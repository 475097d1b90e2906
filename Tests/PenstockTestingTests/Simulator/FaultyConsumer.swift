import Penstock
import PenstockTesting

/// A consumer in memory with one deliberate mistake: what a simulation must find.
final class FaultyConsumer: Consumer {
    typealias Element = SimulationElement

    enum Fault: CaseIterable {
        case none, forgetsResume, resumesInsideWrite, losesAtUnregister, countsWrong, doubles, reorders, forgetsStop,
            stopsTwice
        case neverAsksAgain, asksTwice, keepsProducer, pausesTwice, pausesLate, forgetsPauseAtRegistration,
            resumesSuccessor
        case answersClosed, forgetsRefused, endsEarly
    }

    private let fault: Fault
    private let clock: VirtualClock
    private var flow: FlowControl
    private var held: [SimulationElement] = []
    private var push: (any PushProducer)?
    private var pull: (any PullProducer)?
    private var kept: [any Producer] = []
    private var reason = EndReason.finished
    private var count = 0
    private var endListeners: [(EndReason, Delivery) -> Void] = []
    private var hasEnded = false

    init(_ fault: Fault, marks: Watermarks, clock: VirtualClock) {
        self.fault = fault
        self.clock = clock
        flow = FlowControl(marks: marks, limit: nil)
    }

    var scheduler: any Scheduler { clock }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {
        if hasEnded { body(reason, flow.delivery) } else { endListeners.append(body) }
    }

    var snapshot: FlowSnapshot {
        var snapshot = FlowSnapshot(name: "faulty")
        snapshot.level = flow.level
        snapshot.phase = flow.phase
        snapshot.kind = flow.kind
        snapshot.isPaused = flow.isPaused
        snapshot.isAsked = flow.isAsked
        snapshot.delivery = flow.delivery
        if fault == .forgetsRefused { snapshot.delivery.refused = .none }
        return snapshot
    }

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        guard push !== producer else { throw .alreadyRegistered }
        switch try flow.register(.push) {
        case .stopNewcomer: producer.stopProducing(reason)
        case .accepted(let action):
            push = producer
            if fault == .forgetsPauseAtRegistration, action == .pause {
                _ = flow.signalReturned()
            } else {
                carryOut(action)
            }
        }
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        guard pull !== producer else { throw .alreadyRegistered }
        switch try flow.register(.pull) {
        case .stopNewcomer: producer.stopProducing(reason)
        case .accepted(let action):
            pull = producer
            carryOut(action)
        }
    }

    func unregisterProducer() {
        if fault == .keepsProducer, let push { kept.append(push) }
        if fault == .resumesSuccessor, flow.isPaused {
            clock.onLaterTurn { [weak self] in self?.push?.resumeProducing() }
        }
        if fault == .losesAtUnregister, flow.kind != .none, held.count > 1 { held.removeLast() }
        let action = flow.unregister()
        push = nil
        pull = nil
        carryOut(action)
    }

    func write(_ element: consuming SimulationElement) -> WriteOutcome {
        write(contentsOf: CollectionOfOne(element))
    }

    func write(contentsOf elements: some Sequence<SimulationElement>) -> WriteOutcome {
        var weight = 0
        var stored = 0
        var all = 0
        guard flow.isTaking else {
            for element in elements { _ = flow.admit(weight: element.weight) }
            return .closed
        }
        for element in elements {
            all += 1
            guard element.hasContent else { continue }
            held.append(element)
            weight += element.weight
            stored += 1
            count += 1
            if fault == .doubles, count == 7 { held.append(element) }
            if fault == .reorders, held.count == 3 { held.swapAt(1, 2) }
        }
        if stored > 0 {
            flow.accept(weight: weight, elements: stored)
            if fault == .countsWrong, count % 5 == 0 { _ = flow.drain(weight: 1) }
        } else if all > 0 {
            flow.acceptEmpty()
        }
        let outcome: WriteOutcome = flow.hasRoom ? .room : .full
        if fault == .pausesLate, flow.kind == .push, !flow.hasRoom {
            clock.onLaterTurn { [weak self] in self.map { $0.carryOut($0.flow.written()) } }
        } else {
            carryOut(flow.written())
        }
        return fault == .answersClosed && outcome == .full ? .closed : outcome
    }

    func take() -> SimulationElement? {
        guard !held.isEmpty else { return nil }
        let element = held.removeFirst()
        carryOut(flow.drain(weight: min(element.weight, flow.level)))
        return element
    }

    func finish() {
        guard flow.phase == .open else { return }
        if fault == .endsEarly, flow.kind == .pull { return end(.finished) }
        carryOut(flow.finish())
    }

    func fail(_ error: any Error) {
        guard flow.isTaking else { return }
        reason = .failed(error)
        carryOut(flow.fail())
    }

    func abort(_ reason: EndReason) { end(reason) }

    private func end(_ reason: EndReason) {
        guard flow.phase != .ended else { return }
        self.reason = reason
        carryOut(flow.end())
        flow.discard(elements: held.count)
        held = []
        hasEnded = true
        let listeners = endListeners
        endListeners = []
        for listener in listeners { listener(reason, flow.delivery) }
    }

    private func carryOut(_ first: FlowControl.Action) {
        var action = first
        while action != .none {
            switch action {
            case .none: return
            case .pause:
                let producer = push
                producer?.pauseProducing()
                if fault == .pausesTwice, flow.pauses % 3 == 0 { producer?.pauseProducing() }
                action = flow.signalReturned()
            case .resume:
                let producer = push
                if fault != .forgetsResume || flow.pauses % 3 != 0 { producer?.resumeProducing() }
                action = flow.signalReturned()
            case .ask:
                count += 1
                let producer = pull
                if fault != .neverAsksAgain || count < 4 { producer?.resumeProducing() }
                if fault == .asksTwice, flow.isAsked { producer?.resumeProducing() }
                action = flow.signalReturned()
            case .later:
                if fault == .resumesInsideWrite {
                    action = flow.laterTurn()
                } else {
                    clock.onLaterTurn { [weak self] in self.map { $0.carryOut($0.flow.laterTurn()) } }
                    return
                }
            case .stop:
                let producer: (any Producer)? = push ?? pull
                push = nil
                pull = nil
                if fault != .forgetsStop { producer?.stopProducing(reason) }
                if fault == .stopsTwice { producer?.stopProducing(reason) }
                action = flow.recheck()
            case .drained:
                end(reason)
                return
            }
        }
    }
}
