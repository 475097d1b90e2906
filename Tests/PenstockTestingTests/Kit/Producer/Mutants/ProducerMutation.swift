import PenstockTesting

/// A deliberate defect of the ``PlainProducer``.
enum ProducerMutation: String, CaseIterable, Sendable {
    // C1.1
    case registersTwice, swallowsRefusal, tellsResultOfRefusal, keepsRefusingConsumer, unregistersOnRefusal
    case writesOnRefusal, takesSecondConsumer, startsAgain
    // C1.2
    case registersAsTheOtherKind
    // C1.3, C1.5
    case writesTooLate, keepsEndedConsumer, takesTooLateForComplete, failsEndedConsumer, writesWhileEnding
    // C1.6, C1.7
    case ignoresFirstPause, waitsForFirstResume, writesUnasked, missesFirstQuestion
    // C1.9
    case holdsConsumerWeakly, keepsConsumerAfterEnd, keepsConsumerAfterStop, keepsItselfAfterEnd, keepsItselfAfterStop
    // C2.2
    case unregistersTwice, tellsBeforeItUnregisters
    // C3.7
    case swapsTwo, losesLast, doublesAfterPause, losesAtPause
    // C4
    case writesRecursively, ignoresStopInsideWrite
    case countsPauses, pauseToggles, doublesWhenResumedRunning
    case skidsOne, finishesItsTurn, ignoresPauseBetweenTurns
    case forgetsResumeInTurn, hearsThreeResumes, stallsBeforeItsEnd
    // C5
    case answersTwice, answersEveryOtherQuestion, startsTwo, missesQuestionInsideWrite, pollsWhileNotAsked
    case writesAllInOneTurn, pollsWhilePaused, readsWhilePaused, readsAtOnce
    // C6.1
    case deafWhilePaused, writesAfterStop, leavesOpenAfterStop, takesLossForAbort, failsItsStopper
    // C6.6, C6.7
    case failureLooksFinished, wrapsItsError, failsTwice, failsOpenConsumer, failsInSilence, tellsFailureAsFinished
    case failureOvertakes, dropsErrorOfConsumer, finishesTwice, failsAfterStop, tellsFailureAfterStop
    // C6.8
    case neverUnregisters, tellsTwice, tellsNever, tellsEarly, finishesOpenConsumer, leavesFinishing, finishesFirst
    case leavesOpenAfterEnd, countsTooFew, weighsTooMuch, forgetsPauses, forgetsPeak, forgetsTimePaused,
        forgetsItsBeginning
    case forgetsElementUnderWay
    // C9.4, C10
    case takesCancelForAbort, overfills, readsAheadWithoutBound

    /// The rule that must catch it.
    var rule: ContractRule {
        switch self {
        case .registersTwice, .swallowsRefusal, .tellsResultOfRefusal, .keepsRefusingConsumer, .unregistersOnRefusal,
            .writesOnRefusal, .takesSecondConsumer, .startsAgain:
            .c1_1
        case .registersAsTheOtherKind: .c1_2
        case .writesTooLate, .keepsEndedConsumer, .takesTooLateForComplete, .failsEndedConsumer: .c1_3
        case .writesWhileEnding: .c1_5
        case .ignoresFirstPause, .waitsForFirstResume: .c1_6
        case .writesUnasked, .missesFirstQuestion: .c1_7
        case .holdsConsumerWeakly, .keepsConsumerAfterEnd, .keepsConsumerAfterStop, .keepsItselfAfterEnd,
            .keepsItselfAfterStop:
            .c1_9
        case .unregistersTwice, .tellsBeforeItUnregisters: .c2_2
        case .swapsTwo, .losesLast, .doublesAfterPause, .losesAtPause: .c3_7
        case .writesRecursively, .ignoresStopInsideWrite: .c4_4
        case .countsPauses, .pauseToggles, .doublesWhenResumedRunning: .c4_5
        case .skidsOne, .finishesItsTurn, .ignoresPauseBetweenTurns: .c4_7
        case .forgetsResumeInTurn, .hearsThreeResumes, .stallsBeforeItsEnd: .c4_8
        case .answersTwice, .answersEveryOtherQuestion: .c5_1
        case .startsTwo, .missesQuestionInsideWrite, .pollsWhileNotAsked: .c5_3
        case .writesAllInOneTurn, .pollsWhilePaused: .c5_5
        case .readsWhilePaused, .readsAtOnce: .c5_6
        case .deafWhilePaused, .writesAfterStop, .leavesOpenAfterStop, .takesLossForAbort, .failsItsStopper: .c6_1
        case .failureLooksFinished, .wrapsItsError, .failsTwice, .failsOpenConsumer, .failsInSilence,
            .tellsFailureAsFinished, .failureOvertakes, .dropsErrorOfConsumer, .finishesTwice:
            .c6_6
        case .failsAfterStop, .tellsFailureAfterStop: .c6_7
        case .neverUnregisters, .tellsTwice, .tellsNever, .tellsEarly, .finishesOpenConsumer, .leavesFinishing,
            .finishesFirst, .leavesOpenAfterEnd, .countsTooFew, .weighsTooMuch, .forgetsPauses, .forgetsPeak,
            .forgetsTimePaused, .forgetsItsBeginning, .forgetsElementUnderWay:
            .c6_8
        case .takesCancelForAbort: .c9_4
        case .overfills: .c10_2
        case .readsAheadWithoutBound: .c10_3
        }
    }

    /// The kinds of producer that can have it.
    var kinds: [ProducerUnderTest<Int>.Kind] {
        switch self {
        case .ignoresFirstPause, .waitsForFirstResume, .doublesAfterPause, .losesAtPause, .writesRecursively,
            .ignoresStopInsideWrite, .countsPauses, .pauseToggles, .doublesWhenResumedRunning, .skidsOne,
            .finishesItsTurn, .ignoresPauseBetweenTurns, .forgetsResumeInTurn, .hearsThreeResumes, .stallsBeforeItsEnd,
            .writesAllInOneTurn, .pollsWhilePaused, .readsWhilePaused, .readsAtOnce, .forgetsPauses, .forgetsTimePaused,
            .overfills, .readsAheadWithoutBound:
            [.push]
        case .writesUnasked, .missesFirstQuestion, .answersTwice, .answersEveryOtherQuestion, .startsTwo,
            .missesQuestionInsideWrite, .pollsWhileNotAsked:
            [.pull]
        default: [.push, .pull]
        }
    }
}
