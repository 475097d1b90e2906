import Penstock

/// The ends: in order, with an error, at once, lost.
extension PlainQueue {
    func finish() { finish(within: nil) }

    func finish(within duration: Duration?) {
        if has(.ignoresFinishInSignals), depth > 0 { return }
        guard stage == .open else { return }
        if has(.finishDropsHeld) { delivery.dropped = delivery.dropped + dropHeld() }
        if has(.finishStops), let producer = push as (any Producer)? ?? pull { producer.stopProducing(.finished) }
        if has(.finishDoesNotWait) { forget() }
        stage = kind == .none ? .draining : .finishing
        let duration = has(.alwaysHasADeadline) ? duration ?? .seconds(30) : duration
        if let duration, !has(.ignoresTheDeadline) {
            deadline = scheduler.schedule(after: duration) { [weak self] in
                self?.terminate(EndReason(.timedOut, detail: "the end waited \(duration)"), isLater: true)
            }
        }
        if has(.finishDoesNotWaitForHeld), kind == .none {
            delivery.dropped = delivery.dropped + dropHeld()
        }
        settle()
    }

    func fail(_ error: any Error) {
        if has(.ignoresFailInSignals), depth > 0 { return }
        if has(.ignoresFailWhileFinishing), stage == .finishing { return }
        let reason = has(.failLosesTheError) ? EndReason(.failed) : EndReason.failed(error)
        guard isTaking else {
            if has(.lastErrorWins) { asked = reason }
            return has(.secondErrorUnreported) ? () : onIgnoredEnd?(reason) ?? ()
        }
        asked = has(.failLooksOrderly) ? .finished : reason
        if has(.failDropsHeld) { delivery.dropped = delivery.dropped + dropHeld() }
        stage = .draining
        let producer: (any Producer)? = pushProducer ?? pullProducer
        forget()
        if has(.keepsAfterTheEnd) { kept = producer }
        if let producer, !has(.failStopsNobody) {
            if has(.failStopsLast) {
                scheduler.onLaterTurn { [self] in stop(producer, reason) }
            } else {
                stop(producer, reason)
            }
        }
        settle()
    }

    func abort(_ reason: EndReason) {
        if has(.ignoresAbortInSignals), depth > 0 { return }
        if has(.ignoresAbortWhileDraining), stage == .draining { return }
        if has(.abortInStopSkipsTheRest), stops > 0 { wasAbortedInStop = true }
        if has(.abortTellsTwice), end != nil { onEnd?(reason, delivery) }
        let reason = has(.abortLooksOrderly) ? reason : reason.abortive
        terminate(reason, isLater: !has(.abortTellsAtOnce), stops: !has(.abortStopsNobody))
    }

    /// Whatever is behind the queue is lost.
    func lose() {
        terminate(EndReason(.lost), isLater: false, stops: !has(.lossStopsNobody))
    }

    /// Everything was taken and nobody is left.
    func conclude() {
        if has(.failureUntold), !asked.isOrderly { onEnd = nil }
        if has(.endUntold), asked.isOrderly { onEnd = nil }
        terminate(asked, isLater: false)
    }

    func terminate(_ reason: EndReason, isLater: Bool, stops: Bool = true) {
        guard end == nil else {
            if has(.lastErrorWins) { end = reason }
            if !reason.isOrderly, !has(.secondErrorUnreported) { onIgnoredEnd?(reason) }
            return
        }
        end = reason
        asked = reason
        deadline?.cancel()
        if !has(.isOpenInStop) { stage = .ended }
        if has(.tellsBeforeStop) { tell(reason) }
        if has(.dropsBeforeStop) { drop() }
        let producer: (any Producer)? = pushProducer ?? pullProducer
        if !has(.isOccupiedInStop) { forget() }
        if has(.keepsAfterTheEnd) { kept = producer }
        if stops, let producer {
            if has(.abortStopsLater) {
                scheduler.onLaterTurn { [self] in stop(producer, reason) }
            } else {
                stop(producer, reason)
            }
        }
        if has(.stopsThoseWhoLeft), producer == nil, let kept { stop(kept, reason) }
        if has(.isOccupiedInStop) { forget() }
        stage = .ended
        if has(.resumesTheStopped) { weakPush?.resumeProducing() }
        if has(.asksAfterTheEnd) { weakPull?.resumeProducing() }
        if wasAbortedInStop { return }
        if !has(.abortKeepsHeld) { drop() }
        if isLater { scheduler.onLaterTurn { [self] in tell(end ?? reason) } } else { tell(reason) }
    }

    private func drop() {
        let dropped = dropHeld()
        if has(.dropsUncounted) { return }
        let weight = has(.dropsWeightless) ? 0 : dropped.weight
        delivery.dropped = delivery.dropped + .init(elements: dropped.elements, weight: weight)
    }

    private func tell(_ reason: EndReason) {
        let tell = onEnd
        onEnd = nil
        var told = has(.toldWithoutDelivery) ? Delivery() : delivery
        if has(.toldWithoutRefused) { told.refused = .none }
        tell?(reason, told)
        if has(.tellsTheEndTwice) { tell?(reason, told) }
        toldEnd = (reason, told)
        let listeners = endListeners
        endListeners = []
        for listener in listeners { listener(reason, told) }
    }

    func whenEnded(_ body: @escaping (EndReason, Delivery) -> Void) {
        if let (reason, delivery) = toldEnd { body(reason, delivery) } else { endListeners.append(body) }
    }

    var snapshot: FlowSnapshot {
        var snapshot = FlowSnapshot(name: "plain queue")
        snapshot.kind = kind
        switch stage {
        case .open: snapshot.phase = isConnected ? .open : .connecting
        case .finishing: snapshot.phase = .finishing
        case .draining: snapshot.phase = .draining
        case .ended: snapshot.phase = .ended
        }
        snapshot.level = level
        snapshot.peak = peak
        snapshot.marks = marks
        snapshot.isPaused = isPaused
        snapshot.isAsked = isAsked
        snapshot.pauses = pauses
        snapshot.delivery = delivery
        snapshot.waits = waits
        return snapshot
    }

    private var waits: [FlowSnapshot.Wait] {
        guard isTaking else { return [] }
        func wait(_ reason: String, since: Duration) -> FlowSnapshot.Wait {
            .init(
                reason: has(.waitsUnnamed) ? "" : reason,
                age: has(.waitsAgeless) ? .zero : scheduler.now - since
            )
        }
        var waits = holds.map { wait("the hold \($0.hold)", since: $0.since) }
        if isPaused, level > marks.low, !has(.levelIsNoWait) { waits.append(wait("the reader", since: pausedSince)) }
        if isAsked, !has(.questionIsNoWait) { waits.append(wait("the producer", since: askedSince)) }
        if has(.waitsForever), pauses > 0, waits.isEmpty { waits.append(wait("the past", since: pausedSince)) }
        return waits
    }
}

@available(*, unavailable)
extension PlainQueue: Sendable {}
