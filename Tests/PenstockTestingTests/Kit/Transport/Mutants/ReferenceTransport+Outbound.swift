import Penstock
import PenstockTesting

extension ReferenceTransport {
    var hasProducer: Bool { push != nil || pull != nil }
    var isTaking: Bool { phase == .open || phase == .connecting || phase == .finishing }

    // MARK: Registration

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        guard try admits(producer) else { return }
        push = producer
        isPaused = false
        pauseIfFull()
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        guard try admits(producer) else { return }
        pull = producer
        isAsked = false
        proceed()
    }

    private func admits(_ producer: any Producer) throws(RegistrationError) -> Bool {
        guard phase == .open || phase == .connecting, !(has(.refusesWhileConnecting) && phase == .connecting) else {
            if has(.slotIsTakenInsideTheStop), signals > 0 { throw .alreadyRegistered }
            producer.stopProducing(end ?? asked)
            return false
        }
        guard !hasProducer else { throw .alreadyRegistered }
        return true
    }

    func unregisterProducer() {
        guard hasProducer else { return }
        let wasAsked = pull != nil
        forgetProducer()
        guard phase == .finishing else { return }
        if has(.unregisterEndsNothing) { return }
        if has(.unregisterAfterHalfCloseEndsNothing), !endsBoth { return }
        if has(.unregisterInsideResumeEndsNothing), signals > 0, !wasAsked { return }
        if has(.unregisterInsideQuestionEndsNothing), signals > 0, wasAsked { return }
        if has(.unregisterAfterTheLastByteEndsNothing), unsent.isEmpty { return }
        phase = .draining
        proceed()
    }

    private func forgetProducer() {
        push = nil
        pull = nil
        isPaused = false
        isAsked = false
    }

    func stopProducer(_ reason: EndReason) {
        let producer: (any Producer)? = push ?? pull
        if !has(.slotIsTakenInsideTheStop) { forgetProducer() }
        signals += 1
        producer?.stopProducing(reason)
        signals -= 1
        forgetProducer()
    }

    // MARK: Writing

    @discardableResult
    func write(_ element: consuming [UInt8]) -> WriteOutcome { write(contentsOf: [element]) }

    @discardableResult
    func write(contentsOf elements: some Sequence<[UInt8]>) -> WriteOutcome {
        let elements = elements.filter { !$0.isEmpty }
        let weight = elements.reduce(0) { $0 + $1.count + Self.overhead }
        guard isTaking, !(has(.finishRefusesWrites) && phase == .finishing) else {
            refuse(elements.count, weight)
            return .closed
        }
        let measured = has(.limitMeetsOneElement) ? level + weight : level
        if let limit = setup.limit, measured > limit, !has(.hasNoLimit) {
            refuse(elements.count, weight)
            overflow(limit)
            return .closed
        }
        delivery.accepted = delivery.accepted + .init(elements: elements.count, weight: weight)
        isAsked = false
        if !(has(.forgetsEarlyWrites) && phase == .connecting) {
            for element in elements {
                unsent += element
                entries.append(element.count)
                wholeSizes.append(element.count)
            }
        }
        flushLater()
        let outcome: WriteOutcome = level > setup.marks.high ? .full : .room
        pauseIfFull()
        proceedLater()
        return isTaking ? outcome : .closed
    }

    private func refuse(_ elements: Int, _ weight: Int) {
        delivery.refused = delivery.refused + .init(elements: elements, weight: weight)
    }

    private func overflow(_ limit: Int) {
        var reason = EndReason.overflow(level: level, limit: limit)
        if has(.overflowHasNoName) { reason.code = .aborted }
        if has(.overflowHasNoFigures) { reason.detail = nil }
        endAtOnce(reason, now: has(.overflowIsToldInsideTheWrite))
    }

    // MARK: Signals

    func pauseIfFull() {
        guard let push, !isPaused, isTaking, level > setup.marks.high else { return }
        if has(.pausesNobodyWhileConnecting), phase == .connecting { return }
        isPaused = true
        signals += 1
        push.pauseProducing()
        signals -= 1
    }

    /// Does what is due: the end, a resume or a question.
    func proceed() {
        guard signals == 0 else { return proceedLater() }
        if phase == .draining, unsent.isEmpty, isConnected, end == nil { return drained() }
        guard isTaking, isRoomAtLow else { return }
        if let push, isPaused, !(has(.finishSilencesResumes) && phase == .finishing) {
            isPaused = false
            signals += 1
            push.resumeProducing()
            signals -= 1
            proceedLater()
        } else if let pull, !isAsked, mayAsk {
            isAsked = true
            signals += 1
            pull.resumeProducing()
            signals -= 1
            proceedLater()
        }
    }

    private var mayAsk: Bool {
        if has(.neverAsksAfterConnecting), !setup.isConnected { return false }
        if has(.finishSilencesQuestions), phase == .finishing { return false }
        return isConnected || has(.asksWhileConnecting)
    }

    private var isRoomAtLow: Bool {
        if has(.resumesWhenEmpty) { return unsent.isEmpty }
        if has(.resumesBelowTheHighMark) { return level <= setup.marks.high }
        return level <= setup.marks.low
    }

    func proceedLater() {
        guard !isProceedDue else { return }
        isProceedDue = true
        clock.onLaterTurn { [self] in
            isProceedDue = false
            proceed()
        }
    }

    // MARK: The kernel

    func connect() {
        if has(.connectsAlreadyEnded), phase == .draining { return }
        isConnected = true
        if phase == .connecting { phase = .open }
        flush()
    }

    func kernelTakes(_ bytes: Int) {
        space = bytes == .max ? .max / 2 : space + bytes
        flush()
    }

    private func flushLater() {
        guard !isFlushDue else { return }
        isFlushDue = true
        clock.onLaterTurn { [self] in
            isFlushDue = false
            flush()
        }
    }

    func flush() {
        guard isConnected, !isOver, end == nil || !unsent.isEmpty else { return }
        let count = min(space, unsent.count)
        space -= count
        sent += unsent.prefix(count)
        unsent.removeFirst(count)
        var rest = count
        while let first = entries.first, first <= rest {
            rest -= first
            entries.removeFirst()
            wholeSizes.removeFirst()
        }
        if rest > 0 { entries[0] -= rest }
        proceed()
    }

    // MARK: The upgrade

    func upgrade() {
        if has(.upgradeForgetsProducer) { forgetProducer() }
        if has(.upgradeDropsHeld) {
            unsent = []
            entries = []
            wholeSizes = []
        }
        if has(.upgradeForgetsPause), let push, isPaused {
            isPaused = false
            push.resumeProducing()
        }
        if has(.upgradeForgetsConsumer) { consumer = nil }
    }
}
