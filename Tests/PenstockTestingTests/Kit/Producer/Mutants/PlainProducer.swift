import Penstock
import PenstockTesting

/// What a plain producer fails with.
final class PlainFailure: Error, Sendable {}

/// A source of the numbers from 1 on, of either kind, written without anything of the package that helps to keep the contract.
///
/// As a push producer it writes three a turn; as a pull producer it answers every third question on a later turn.
final class PlainProducer: Source, PushProducer, PullProducer {
    static let share = 3

    let kind: ProducerUnderTest<Int>.Kind
    let count: Int
    let mutation: ProducerMutation?
    /// Whether what it has opened is open.
    private(set) var isOpen = false
    /// How many elements it has fetched and not written.
    private(set) var ahead = 0
    /// How many elements it has fetched.
    private(set) var fetched = 0
    private(set) var position = 0
    var expectedWeight: Int? { nil }

    private let scheduler: any Scheduler
    private let failure: PlainFailure?
    private var target: (any Consumer<Int>)?
    private weak var weakTarget: (any Consumer<Int>)?
    private var done: ((FlowResult) -> Void)?
    private var atEnd = EndPolicy.finish
    private var isOver = false
    private var isAttaching = false
    private var isPaused = false
    private var isWriting = false
    private var isTurnDue = false
    private var isReading = false
    private var elements = 0
    private var pauses = 0
    private var pauseDepth = 0
    private var resumes = 0
    private var questions = 0
    private var timePaused = Duration.zero
    private var pausedSince = Duration.zero
    private var attachedAt = Duration.zero
    private var keptConsumer: AnyObject?
    private var keptSelf: AnyObject?

    init(
        _ kind: ProducerUnderTest<Int>.Kind,
        count: Int,
        failure: PlainFailure? = nil,
        mutation: ProducerMutation?,
        scheduler: any Scheduler
    ) {
        self.kind = kind
        self.count = count
        self.failure = failure
        self.mutation = mutation
        self.scheduler = scheduler
    }

    private func has(_ mutation: ProducerMutation) -> Bool { self.mutation == mutation }

    private var consumer: (any Consumer<Int>)? { target ?? weakTarget }

    // MARK: Registration

    func attach(
        to consumer: any Consumer<Int>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        guard !isOver || has(.startsAgain) else { throw .sourceEnded }
        guard self.consumer == nil || has(.takesSecondConsumer) else { throw .alreadyAttached }
        if has(.holdsConsumerWeakly) { weakTarget = consumer } else { target = consumer }
        self.done = done
        self.atEnd = atEnd
        attachedAt = has(.forgetsItsBeginning) ? .zero : scheduler.now
        if has(.waitsForFirstResume) { isPaused = true }
        if has(.tellsResultOfRefusal) || has(.swallowsRefusal) || has(.writesOnRefusal) || has(.unregistersOnRefusal) {
            guard consumer.snapshot.kind == .none else { return try mishandleRefusal(by: consumer, done) }
        }
        isAttaching = true
        defer { isAttaching = false }
        do { try register(with: consumer) } catch {
            if !has(.keepsRefusingConsumer) { target = nil }
            self.done = nil
            throw error
        }
        if has(.registersTwice) { try? register(with: consumer) }
        if has(.writesTooLate) || (has(.writesWhileEnding) && consumer.snapshot.phase == .finishing) {
            consumer.write(1)
        }
        guard self.consumer != nil else {
            if has(.failsEndedConsumer) { consumer.fail(PlainFailure()) }
            if has(.keepsEndedConsumer) { keptConsumer = consumer }
            return
        }
        isOpen = true
        if has(.ignoresFirstPause) { isPaused = false }
        if has(.writesUnasked) { writeNext() }
        if has(.readsAtOnce) { fetch() }
        if has(.readsAheadWithoutBound) { readAhead() }
        if kind == .push, !isPaused { produce() }
    }

    private func register(with consumer: any Consumer<Int>) throws(RegistrationError) {
        if (kind == .push) != has(.registersAsTheOtherKind) {
            try consumer.registerProducer(self as any PushProducer)
        } else {
            try consumer.registerProducer(self as any PullProducer)
        }
    }

    private func mishandleRefusal(
        by consumer: any Consumer<Int>,
        _ done: (FlowResult) -> Void
    ) throws(RegistrationError) {
        target = nil
        if has(.unregistersOnRefusal) { consumer.unregisterProducer() }
        if has(.writesOnRefusal) { consumer.write(1) }
        if has(.tellsResultOfRefusal) { done(FlowResult(end: .aborted, summary: FlowSummary())) }
        if !has(.swallowsRefusal) { throw .alreadyRegistered }
    }

    // MARK: Signals

    func pauseProducing() {
        pauseDepth += 1
        if has(.pauseToggles), isPaused, !isWriting { return go() }
        if has(.ignoresPauseBetweenTurns), !isWriting, !isAttaching, position > 0 { return }
        if has(.overfills), consumer?.snapshot.marks != nil, pauseDepth == 2 { return }
        guard !isPaused else { return }
        isPaused = true
        pausedSince = scheduler.now
        pauses += 1
        if has(.losesAtPause), isWriting, position < count { position += 1 }
        if has(.readsWhilePaused), isWriting { fetch() }
        if has(.pollsWhilePaused) { poll() }
        if has(.readsAheadWithoutBound) { readAhead() }
    }

    func resumeProducing() {
        guard kind == .push else { return question() }
        resumes += 1
        if has(.countsPauses) {
            pauseDepth -= 1
            if pauseDepth > 0 { return }
        }
        if has(.hearsThreeResumes), resumes > 3 { return }
        if has(.forgetsResumeInTurn), isTurnDue { return }
        if has(.stallsBeforeItsEnd), position == count { return }
        if has(.doublesWhenResumedRunning), !isPaused, position > 0, position < count { position -= 1 }
        if has(.doublesAfterPause), isPaused, position == 4 { position -= 1 }
        go()
    }

    func stopProducing(_ reason: EndReason) {
        if has(.deafWhilePaused), position > 0, kind == .push ? isPaused : !isReading && !isWriting { return }
        if has(.ignoresStopInsideWrite), isWriting, kind == .push, position == 2 { return }
        let consumer = self.consumer
        if has(.writesAfterStop) { scheduler.onLaterTurn { consumer?.write(0) } }
        if has(.failsItsStopper) { consumer?.fail(PlainFailure()) }
        if has(.keepsConsumerAfterStop) { keptConsumer = consumer }
        if has(.keepsItselfAfterStop) { keptSelf = self }
        if has(.failsAfterStop), let failure { scheduler.onLaterTurn { consumer?.fail(failure) } }
        if !has(.leavesOpenAfterStop) { isOpen = false }
        var reason = reason
        if reason.isOrderly, !has(.takesTooLateForComplete) { reason = EndReason(.consumerEnded) }
        if has(.takesLossForAbort), reason.code == .lost { reason = .aborted }
        if has(.takesCancelForAbort), reason.code == .cancelled { reason = .aborted }
        if has(.dropsErrorOfConsumer) { reason.error = nil }
        if has(.tellsFailureAfterStop), let failure { reason = .failed(failure) }
        conclude(reason)?()
    }

    private func go() {
        if isPaused, !has(.forgetsTimePaused) { timePaused += scheduler.now - pausedSince }
        isPaused = false
        if !isTurnDue { produce() }
    }

    // MARK: Pushing

    private func produce() {
        if has(.writesRecursively) { return produceRecursively() }
        var isSkidding = false
        for _ in 0..<(has(.writesAllInOneTurn) ? .max : Self.share) {
            if isPaused, has(.skidsOne), !isSkidding {
                isSkidding = true
            } else {
                guard !isPaused || has(.finishesItsTurn) else { return }
            }
            guard consumer != nil else { return }
            guard goesOn else { return comeToAnEnd() }
            writeNext()
        }
        continueLater()
    }

    private func produceRecursively() {
        guard !isPaused, consumer != nil else { return }
        guard goesOn else { return comeToAnEnd() }
        writeNext()
        produceRecursively()
    }

    private func continueLater() {
        guard consumer != nil, !isTurnDue else { return }
        isTurnDue = true
        scheduler.onLaterTurn { [weak self] in
            guard let self else { return }
            isTurnDue = false
            if !isPaused { produce() }
        }
    }

    // MARK: Pulling

    private func question() {
        questions += 1
        if has(.missesFirstQuestion), isAttaching { return }
        if has(.answersEveryOtherQuestion), questions.isMultiple(of: 2) { return }
        if has(.missesQuestionInsideWrite), isWriting { return }
        guard position % 3 == 2 else { return answer(position) }
        guard !isReading || has(.startsTwo) else { return }
        isReading = true
        let position = position
        scheduler.onLaterTurn { [weak self] in
            self?.isReading = false
            self?.answer(position)
        }
    }

    private func answer(_ position: Int) {
        guard consumer != nil else { return }
        self.position = position
        guard goesOn else { return comeToAnEnd() }
        writeNext()
        if has(.answersTwice), position == 2 { writeNext() }
        if has(.pollsWhileNotAsked) { poll() }
    }

    // MARK: Both

    private var goesOn: Bool {
        position < (has(.losesLast) || (has(.failureOvertakes) && failure != nil) ? count - 1 : count)
    }

    private func writeNext() {
        guard let consumer, position < count else { return }
        var element = position + 1
        if has(.swapsTwo), element == 3 || element == 4 { element = 7 - element }
        position += 1
        if ahead == 0 { fetched += 1 } else { ahead -= 1 }
        if !(has(.countsTooFew) && position == 1) { elements += 1 }
        if has(.tellsEarly), position == count - 1, let done {
            self.done = { _ in }
            done(FlowResult(end: .finished, summary: summary(of: consumer)))
        }
        let wasWriting = isWriting
        isWriting = true
        if has(.forgetsElementUnderWay) { elements -= 1 }
        consumer.write(element)
        if has(.forgetsElementUnderWay) { elements += 1 }
        isWriting = wasWriting
    }

    private func fetch() {
        fetched += 1
        ahead += 1
    }

    private func readAhead() {
        guard consumer != nil, isPaused, ahead < 100 else { return }
        fetch()
        scheduler.schedule(after: .milliseconds(1)) { [weak self] in self?.readAhead() }
    }

    private func poll() {
        guard consumer != nil else { return }
        scheduler.onLaterTurn { [weak self] in self?.poll() }
    }

    private func comeToAnEnd() {
        guard let consumer else { return }
        if has(.neverUnregisters) { return }
        if !has(.leavesOpenAfterEnd) { isOpen = false }
        if has(.keepsConsumerAfterEnd) { keptConsumer = consumer }
        if has(.keepsItselfAfterEnd) { keptSelf = self }
        if has(.finishesFirst), atEnd == .finish, failure == nil { consumer.finish() }
        var end = failure.map { EndReason.failed($0) } ?? .finished
        if has(.tellsFailureAsFinished) { end = .finished }
        let tell = conclude(end)
        if has(.tellsBeforeItUnregisters) { tell?() }
        consumer.unregisterProducer()
        if has(.unregistersTwice) { scheduler.onLaterTurn { consumer.unregisterProducer() } }
        sayEnd(to: consumer)
        if !has(.tellsBeforeItUnregisters) { tell?() }
    }

    private func sayEnd(to consumer: any Consumer<Int>) {
        guard atEnd == .finish || has(.finishesOpenConsumer) || has(.failsOpenConsumer) else { return }
        guard let failure, !has(.failureLooksFinished) else {
            if has(.failsOpenConsumer), atEnd == .leaveOpen { return }
            if !has(.leavesFinishing), !has(.finishesFirst) { consumer.finish() }
            if has(.finishesTwice) { consumer.finish() }
            return
        }
        if has(.failsInSilence) { return }
        if has(.wrapsItsError) { return consumer.fail(EndReason(.aborted, error: failure)) }
        consumer.fail(failure)
        if has(.failsTwice) { consumer.fail(failure) }
    }

    private func summary(of consumer: any Consumer<Int>) -> FlowSummary {
        let snapshot = consumer.snapshot
        return FlowSummary(
            elements: elements,
            weight: snapshot.delivery.accepted.weight + (has(.weighsTooMuch) ? 1 : 0),
            pauses: has(.forgetsPauses) ? 0 : pauses,
            timePaused: timePaused,
            peakLevel: has(.forgetsPeak) ? 0 : snapshot.peak,
            duration: scheduler.now - attachedAt
        )
    }

    /// Takes the flow apart, and answers what tells whoever asked for it.
    private func conclude(_ reason: EndReason) -> (() -> Void)? {
        isOver = true
        guard let consumer, let done else { return nil }
        if isPaused, !has(.forgetsTimePaused) { timePaused += scheduler.now - pausedSince }
        isPaused = false
        let result = FlowResult(end: reason, summary: summary(of: consumer))
        target = nil
        weakTarget = nil
        self.done = nil
        return { [self] in
            if has(.tellsNever) { return }
            done(result)
            if has(.tellsTwice) { done(result) }
        }
    }
}
