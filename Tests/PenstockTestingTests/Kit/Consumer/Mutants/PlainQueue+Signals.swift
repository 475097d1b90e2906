import Penstock

/// Signals: given when they are due, and never inside one another.
extension PlainQueue {
    /// Whether a resume or a question could be due, as far as level and holds go.
    var wantsElements: Bool {
        if has(.resumesUnderHold), kind == .push { return level <= marks.low }
        if has(.asksUnderHold), kind == .pull { return level <= marks.low }
        guard holds.isEmpty else { return false }
        if kind == .push {
            if has(.resumesBelowHigh) { return level <= marks.high }
            if has(.resumesWhenEmpty) { return level == 0 }
        } else {
            if has(.asksWhenEmpty) { return level == 0 }
            if has(.asksToHigh) { return level <= marks.high }
            if has(.asksAtTwiceLow) { return level <= marks.low * 2 }
        }
        return level <= marks.low
    }

    private var nests: Bool {
        switch mutation {
        case .nestsQuestions, .nestsLateQuestions: kind == .pull
        case .nestsRefills, .resumesInsidePause, .resumesInsideResume: kind == .push
        default: false
        }
    }

    /// Gives what is due, one after the other.
    func settle() {
        while depth == 0 || nests {
            if stage == .draining {
                guard level == 0, isConnected || has(.endsBeforeTheConnection), !isDrained else { return }
                isDrained = true
                return conclude()
            }
            guard isTaking, wantsElements, !isLaterDue else { return }
            switch kind {
            case .none: return
            case .push:
                guard isPaused else { return }
                if has(.finishingResumesNobody), stage == .finishing { return }
                guard scheduler.turn.admits(&share) || has(.ignoresTheBudgetOfRefills) else { return later() }
                resume()
                if isPaused, wantsElements, !has(.ignoresTheBudgetOfRefills) { return later() }
            case .pull:
                guard !isAsked, isConnected || has(.asksWhileConnecting) else { return }
                if has(.finishingAsksNobody), stage == .finishing { return }
                if answerWasEmpty { return later() }
                guard scheduler.turn.admits(&share) || has(.ignoresTheBudget) else {
                    return has(.budgetStalls) ? () : later()
                }
                ask()
            }
        }
    }

    func ask() {
        isAsked = true
        askedSince = scheduler.now
        depth += 1
        let producer = pullProducer
        producer?.resumeProducing()
        if has(.asksTwice) { producer?.resumeProducing() }
        depth -= 1
        if has(.forgetsTheSuccessor), pullProducer !== producer { forget() }
    }

    func resume() {
        isPaused = false
        depth += 1
        let producer = pushProducer
        producer?.resumeProducing()
        if has(.resumesTwice) { producer?.resumeProducing() }
        depth -= 1
        if has(.forgetsTheSuccessor), pushProducer !== producer { forget() }
    }

    func pauseIfFull() {
        guard isTaking, kind == .push, !isPaused || has(.pausesAgain), !hasRoom else { return }
        if has(.pausesNobodyWhileConnecting), !isConnected { return }
        if has(.neverPauses) { return }
        guard depth < 64 || has(.nestsPauses) || has(.nestsRefills) else { return later() }
        pause()
    }

    func pause() {
        isPaused = true
        pauses += 1
        pausedSince = scheduler.now
        depth += 1
        let producer = pushProducer
        producer?.pauseProducing()
        depth -= 1
        if has(.forgetsTheSuccessor), pushProducer !== producer { forget() }
        leave()
    }

    /// What fell due inside a signal comes on a later turn if it is a resume, else now.
    func leave() {
        guard depth == 0 else { return }
        if isTaking, kind == .push, isPaused, wantsElements, !has(.ignoresTheBudgetOfRefills) { return later() }
        settle()
    }

    func later() {
        guard !isLaterDue else { return }
        isLaterDue = true
        scheduler.onLaterTurn { [self] in
            isLaterDue = false
            answerWasEmpty = false
            if has(.losesLaterTurns) { return }
            if hasRoom { settle() } else { pauseIfFull() }
        }
    }

    func stop(_ producer: any Producer, _ reason: EndReason) {
        let reason = has(.stopsForNoReason) ? EndReason.aborted : reason
        guard stops < 64 || has(.nestsStops) else { return scheduler.onLaterTurn { producer.stopProducing(reason) } }
        stops += 1
        producer.stopProducing(reason)
        if has(.stopsTwice) { producer.stopProducing(reason) }
        stops -= 1
    }
}
