import Penstock

/// What a ``PlainQueue`` holds; one of weight 0 has nothing in it.
struct Parcel {
    var weight: Int
    var number: Int
}

/// A consumer written by hand from the contract alone, without `Gate` and `FlowControl`, and the place for deliberate defects.
final class PlainQueue: Consumer {
    enum Stage { case open, finishing, draining, ended }

    let mutation: ConsumerMutation?
    let scheduler: any Scheduler
    var marks: Watermarks
    let limit: Int

    // What is held, and what has been taken from behind.
    var held: [Parcel] = []
    var taken: [Parcel] = []
    var level = 0
    var peak = 0
    var delivery = Delivery()

    // The producer.
    var push: (any PushProducer)?
    var pull: (any PullProducer)?
    weak var weakPush: (any PushProducer)?
    weak var weakPull: (any PullProducer)?
    var kind = FlowControl.Kind.none
    /// What a defect keeps although nobody should.
    var kept: (any Producer)?
    var isPaused = false
    var isAsked = false
    var answerWasEmpty = false
    var pauses = 0
    var pausedSince = Duration.zero
    var askedSince = Duration.zero

    // Signals.
    var depth = 0
    var isLaterDue = false
    var stops = 0
    var share = TurnBudget.Share()

    var holds: [(hold: Hold, since: Duration)] = []
    var stage = Stage.open
    var isConnected = false
    var isDrained = false
    var asked = EndReason.finished
    var end: EndReason?
    var wasAbortedInStop = false
    var deadline: ScheduledWork?
    var onEnd: ((EndReason, Delivery) -> Void)?
    var endListeners: [(EndReason, Delivery) -> Void] = []
    var toldEnd: (reason: EndReason, delivery: Delivery)?
    var onIgnoredEnd: ((EndReason) -> Void)?

    init(_ mutation: ConsumerMutation?, marks: Watermarks, scheduler: any Scheduler) {
        self.mutation = mutation
        self.marks = marks
        self.scheduler = scheduler
        limit = mutation == .limitIsTooHigh ? marks.high * 100 : marks.high * 64
    }

    func has(_ mutation: ConsumerMutation) -> Bool { self.mutation == mutation }

    var high: Int { has(.pausesAtTwiceHigh) ? marks.high * 2 : has(.pausesAtHigh) ? marks.high - 1 : marks.high }
    var hasRoom: Bool { level <= high && holds.isEmpty }
    var isTaking: Bool { stage == .open || stage == .finishing }
    var pushProducer: (any PushProducer)? { has(.keepsWeakly) ? weakPush : push }
    var pullProducer: (any PullProducer)? { has(.keepsWeakly) ? weakPull : pull }

    // MARK: Registration

    func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        guard try admits(producer, .push) else { return }
        kind = .push
        weakPush = producer
        if !has(.keepsWeakly) { push = producer }
        if !has(.pauseOutlivesItsProducer) { isPaused = false }
        if has(.asksPushProducers) { producer.resumeProducing() }
        if has(.pausesAtRegistration) { return pause() }
        if has(.pausesAtRegistrationLater) { return later() }
        if !has(.noPauseAtRegistration) { pauseIfFull() }
    }

    func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        if has(.takesPullForPush), let push = producer as? any PushProducer { return try registerProducer(push) }
        guard try admits(producer, .pull) else { return }
        kind = .pull
        weakPull = producer
        if !has(.keepsWeakly) { pull = producer }
        if !has(.questionOutlivesItsProducer) { isAsked = false }
        if has(.asksFirstLater) { return later() }
        if has(.asksFirstWhenEmpty), level > 0 { return }
        if has(.asksFirstAboveLow), level <= marks.high, holds.isEmpty, isConnected { return ask() }
        if has(.asksFirstUnderHold), level <= marks.low, isConnected { return ask() }
        // The first question waits for no turn that another producer was waiting for.
        if depth == 0, wantsElements, isConnected || has(.asksWhileConnecting), !isAsked {
            ask()
            leave()
        }
    }

    /// Whether the newcomer is to be kept; it is stopped if the stream is ending.
    private func admits(_ producer: any Producer, _ newKind: FlowControl.Kind) throws(RegistrationError) -> Bool {
        let current: (any Producer)? = pushProducer ?? pullProducer
        if current === producer, !has(.takesTheSameAgain) { throw .alreadyRegistered }
        if has(.refusesWhileConnecting), !isConnected {
            producer.stopProducing(.aborted)
            return false
        }
        if has(.throwsWhileFinishing), stage == .finishing { throw .alreadyRegistered }
        if has(.throwsAfterTheEnd), stage == .ended { throw .alreadyRegistered }
        let isOpen = stage == .open || has(.registersWhileDraining) && stage == .draining
        guard isOpen else {
            stopLate(producer)
            return false
        }
        guard kind != .none, current !== producer else { return true }
        if has(.replacesTheFirst) {
            forget()
            return true
        }
        if has(.refusesInSilence) { return false }
        if has(.stopsTheRefused) { producer.stopProducing(.aborted) }
        if has(.forgetsTheFirst) { forget() }
        throw .alreadyRegistered
    }

    private func stopLate(_ producer: any Producer) {
        if has(.ignoresTheLate) { return }
        if has(.keepsTheLate) { kept = producer }
        let reason = end ?? asked
        if has(.stopsTheLateLater) { return scheduler.onLaterTurn { producer.stopProducing(reason) } }
        stop(producer, reason)
        if has(.stopsTheLateTwice) { producer.stopProducing(reason) }
    }

    func unregisterProducer() {
        guard kind != .none else {
            if has(.unregisteringNobodyDrops) { _ = dropHeld() }
            if has(.stopsThoseWhoLeft) { kept = nil }
            return
        }
        if has(.ignoresUnregisteringInSignals), depth > 0 { return }
        if has(.unregisteringDropsHeld) { _ = dropHeld() }
        if has(.unregisteringDropsTheLast), let last = held.popLast() { level -= last.weight }
        let producer: (any Producer)? = push ?? pull
        let wasPaused = isPaused
        let paused = pushProducer
        forget()
        if has(.keepsAfterUnregistering) || has(.stopsThoseWhoLeft) { kept = producer }
        if has(.stopsTheUnregistered) { producer?.stopProducing(.aborted) }
        if has(.resumesTheUnregistered), wasPaused { paused?.resumeProducing() }
        if stage == .finishing, !has(.unregisteringEndsNothing) {
            if has(.unregisteringInSignalsEndsNothing), depth > 0 { return }
            stage = .draining
            if has(.forgetsFinishAfterDraining), level == 0 { return }
        }
        settle()
    }

    func forget() {
        kind = .none
        push = nil
        pull = nil
        if !has(.pauseOutlivesItsProducer) { isPaused = false }
        if !has(.questionOutlivesItsProducer) { isAsked = false }
        answerWasEmpty = false
    }

    // MARK: Wishes

    func hold(_ hold: Hold) {
        if !has(.countsHolds), holds.contains(where: { $0.hold == hold }) { return }
        holds.append((hold, scheduler.now))
        if has(.holdsDoNotPause) { return }
        if has(.pausesForEachReason) { isPaused = false }
        pauseIfFull()
    }

    func release(_ hold: Hold) {
        guard let index = holds.firstIndex(where: { $0.hold == hold }) else {
            if has(.unknownReleaseResumes), isPaused { resume() }
            return
        }
        holds.remove(at: index)
        if has(.releaseResumesNobody), kind == .push { return }
        if has(.releaseAsksNobody), kind == .pull { return }
        if has(.resumesUnderHold), isPaused, depth == 0, level <= marks.low { return resume() }
        settle()
    }

    func setMarks(_ marks: Watermarks) {
        self.marks = marks
        if !hasRoom { return has(.marksDoNotPause) ? () : pauseIfFull() }
        if has(.marksDoNotResume), kind == .push { return }
        if has(.marksDoNotAsk), kind == .pull { return }
        settle()
    }

    func connect() {
        isConnected = true
        settle()
    }
}
