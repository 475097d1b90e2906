import Penstock
import PenstockTesting

/// The ends, and the producing side.
extension PlainStage {
    func finish() {
        guard pending == nil, end == nil else { return }
        pending = .finished
        if has(.endsBeforeItIsTaken), push == nil, pull == nil, target != nil {
            end = .finished
            return endDown(.finished)
        }
        pump()
    }

    func fail(_ error: any Error) {
        let isDraining = pending != nil && push == nil && pull == nil
        if has(.failsAStopper), let consumer = kept.first as? any Consumer<Int> { return consumer.fail(error) }
        guard end == nil, !isDraining || has(.lastErrorWins) else { return }
        let reason = EndReason.failed(error)
        pending = reason
        stopUp(reason)
        pump()
    }

    func abort(_ reason: EndReason) {
        guard end == nil else { return }
        let reason = has(.abortLooksFinished) ? reason : reason.abortive
        if has(.keepsItselfAfterAbort) { kept.append(self) }
        endUp(reason)
        if has(.abortInSilence) { atEnd = .leaveOpen }
        endDown(reason)
    }

    func failItself() {
        let reason = EndReason.failed(has(.replacesItsOwnFailure) ? PlainFailure() : ownFailure)
        drop(1)
        if has(.ownFailureOnlyDownstream) { forgetQuietly() }
        endUp(reason)
        if has(.ownFailureOnlyUpstream) { atEnd = .leaveOpen }
        endDown(reason)
    }

    private func forgetQuietly() {
        push = nil
        pull = nil
    }

    /// Ends the consuming side now.
    private func endUp(_ reason: EndReason) {
        guard end == nil else { return }
        end = reason
        drop(level)
        queue = []
        out = []
        last = nil
        isEmitting = false
        stopUp(reason)
    }

    // MARK: The producing side

    func attach(
        to consumer: any Consumer<Int>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        guard !isOver else { throw .sourceEnded }
        if has(.dropsTheEarlyEnd), pending != nil { throw .sourceEnded }
        guard target == nil else { throw .alreadyAttached }
        target = consumer
        self.atEnd = atEnd
        self.done = done
        attachedAt = scheduler.now
        weightBefore = consumer.snapshot.delivery.accepted.weight
        do { try consumer.registerProducer(self) } catch {
            target = nil
            self.done = nil
            isPaused = false
            throw error
        }
        if has(.emitsAtItsAttachment) { isPaused = false }
        if let early { return endDown(early) }
        pump()
        proceed()
    }

    func pauseProducing() {
        if has(.ignoresPauseBetweenTurns), !isEmitting, elements > 0 { return }
        guard !isPaused else { return }
        isPaused = true
        pauses += has(.countsItsPausesWrong) ? 2 : 1
        pausedSince = scheduler.now
        if isFull { pauseUp() }
    }

    func resumeProducing() {
        countPause()
        pump()
        if has(.forgetsToAsk), pull != nil, elements > 2 { return }
        proceed()
    }

    func stopProducing(_ reason: EndReason) {
        if has(.failsAStopper), let target { kept.append(target) }
        if has(.keepsItselfAfterStop) { kept.append(self) }
        let tell = conclude(reason.isOrderly ? EndReason(.consumerEnded) : reason)
        endUp(reason)
        tell?.tell()
    }

    private func countPause() {
        guard isPaused else { return }
        isPaused = false
        timePaused += scheduler.now - pausedSince
    }

    /// Ends the producing side for this reason.
    func endDown(_ reason: EndReason) {
        guard let (consumer, tell) = conclude(reason) else {
            early = reason
            return
        }
        consumer.unregisterProducer()
        if atEnd == .finish || has(.endsAnOpenConsumer) {
            if reason.isOrderly || (has(.failureLooksFinished) && reason.code == .failed) {
                consumer.finish()
                if has(.endsTwice) { consumer.finish() }
            } else if has(.wrapsTheError) {
                consumer.fail(EndReason(.aborted, error: reason))
            } else {
                consumer.fail(reason.code == .failed ? reason.error ?? reason : reason)
            }
        }
        tell()
    }

    private func conclude(_ reason: EndReason) -> (consumer: any Consumer<Int>, tell: () -> Void)? {
        guard let consumer = target, let done else { return nil }
        isOver = true
        countPause()
        let snapshot = consumer.snapshot
        let summary = FlowSummary(
            elements: elements,
            weight: snapshot.delivery.accepted.weight - weightBefore,
            pauses: pauses,
            timePaused: timePaused,
            peakLevel: snapshot.peak,
            duration: scheduler.now - attachedAt
        )
        target = nil
        self.done = nil
        if has(.holdsItsConsumer) { kept.append(consumer) }
        return (consumer, { done(FlowResult(end: reason, summary: summary)) })
    }
}
