import PenstockTesting

/// A deliberate defect of ``ReferenceTransport``, and the rule that must find it.
enum TransportMutation: String, CaseIterable, Sendable {
    // C1.4
    case refusesWhileConnecting, asksWhileConnecting, pausesNobodyWhileConnecting, forgetsEarlyWrites,
        neverAsksAfterConnecting
    case connectsAlreadyEnded
    // C1.8
    case upgradeForgetsProducer, upgradeDropsHeld, upgradeForgetsPause, upgradeForgetsConsumer
    // C2.4
    case unregisterEndsNothing, unregisterInsideResumeEndsNothing, unregisterInsideQuestionEndsNothing
    case unregisterAfterTheLastByteEndsNothing, unregisterAfterHalfCloseEndsNothing, finishInsidePauseEndsNothing
    // C4.6
    case levelFallsByWholeElements, levelFallsAtTheFlush, overheadLeavesWithTheFirstByte, overheadStays,
        resumesWhenEmpty
    case resumesBelowTheHighMark
    // C6.2
    case stopsBeforeItHasEnded, slotIsTakenInsideTheStop, tellsTheOwnerBeforeTheStop, dropsWithoutCounting
    case keepsItsLevelAfterTheLoss, meddlingSkipsTheNews, meddlingSkipsTheConsumer
    // C6.3
    case finishDoesNotWaitForTheProducer, finishRefusesWrites, finishSilencesResumes, finishSilencesQuestions
    case finishDropsWhatIsHeld, closesWithTheFIN, lingersForEver, ignoresTheDeadline, deadlineEndsInOrder
    case deadlineSurvivesTheEnd, unreadInputResets, finishReportsNothing, deliversAfterFinish,
        discardsAfterFinishUncounted
    case finishStopsReading, waitsForAPeerThatHasFinished
    // C6.4
    case halfCloseDoesNotWait, halfCloseStopsReading, halfCloseLingers, halfCloseSendsNoFIN, halfCloseEndsThePause
    case halfCloseIsFinal
    // C6.5
    case abortTellsAtOnce, abortSendsFIN, abortLetsOutWhatIsHeld, abortStopsNobody, abortTwiceIsToldTwice
    case abortIsIgnoredInsideSignals, abortIsIgnoredInsideDeliveries, abortInOrder, abortWaitsBehindFinish
    // C6.6
    case failSendsFIN, failDropsWhatIsHeld, failWaitsForEver, failForgetsTheError, failStopsNobody, lossLooksComplete
    case finishForgivesTheFailure
    // C6.7
    case theLastErrorWins, theSecondErrorIsSilent, lossAfterAbortWins
    // C6.9
    case finishIsToldTwice, failureIsNotTold, halfCloseIsNotTold, deliveryForgetsTheLast, abortAfterTheEndIsToldToo
    // C7.1
    case deliversOnInsideAPause, deliversOnAfterAPause, losesWhatComesPaused, deliversTheLatestFirst, countsPauses
    // C7.2
    case tellsTheEndAfterTheResume, endOvertakesTheElements, lossDropsTheInput, endReachesAPausedConsumer,
        endIsLostInAPause
    // C7.3
    case peersFINEndsBothSides, peersFINIsNoEndWithoutHalfClose, peersFINDropsWhatIsHeld, peersFINResets,
        lossSaysOneElement
    case peersFINStopsTheProducer
    // C7.4
    case earlyPauseIsIgnored, resumeAfterTheLossIsDead, resumeAfterTheLossRepeatsTheEnd, lateConsumersHearNothing
    // C7.5
    case readsForNobodyWithoutBound, discardsForNobody, neverReadsAgain
    // C7.6
    case inboundLevelIsBlind, ignoresTheWindow, inboundLevelStays
    // C7.7
    case stopEndsTheWriteSide, stopEndsTheReading, stopDiscardsUncounted, stopForgetsWhatWaits, stopDelivers,
        stopHidesTheEnd
    // C10.3
    case hasNoLimit, limitMeetsOneElement, overflowHasNoName, overflowHasNoFigures, overflowIsToldInsideTheWrite

    /// The rule that is broken.
    var rule: ContractRule {
        switch self {
        case .refusesWhileConnecting, .asksWhileConnecting, .pausesNobodyWhileConnecting, .forgetsEarlyWrites,
            .neverAsksAfterConnecting, .connectsAlreadyEnded:
            .c1_4
        case .upgradeForgetsProducer, .upgradeDropsHeld, .upgradeForgetsPause, .upgradeForgetsConsumer:
            .c1_8
        case .unregisterEndsNothing, .unregisterInsideResumeEndsNothing, .unregisterInsideQuestionEndsNothing,
            .unregisterAfterTheLastByteEndsNothing, .unregisterAfterHalfCloseEndsNothing, .finishInsidePauseEndsNothing:
            .c2_4
        case .levelFallsByWholeElements, .levelFallsAtTheFlush, .overheadLeavesWithTheFirstByte, .overheadStays,
            .resumesWhenEmpty, .resumesBelowTheHighMark:
            .c4_6
        case .stopsBeforeItHasEnded, .slotIsTakenInsideTheStop, .tellsTheOwnerBeforeTheStop, .dropsWithoutCounting,
            .keepsItsLevelAfterTheLoss, .meddlingSkipsTheNews, .meddlingSkipsTheConsumer:
            .c6_2
        case .finishDoesNotWaitForTheProducer, .finishRefusesWrites, .finishSilencesResumes, .finishSilencesQuestions,
            .finishDropsWhatIsHeld, .closesWithTheFIN, .lingersForEver, .ignoresTheDeadline, .deadlineEndsInOrder,
            .deadlineSurvivesTheEnd, .unreadInputResets, .finishReportsNothing, .deliversAfterFinish,
            .discardsAfterFinishUncounted, .finishStopsReading, .waitsForAPeerThatHasFinished:
            .c6_3
        case .halfCloseDoesNotWait, .halfCloseStopsReading, .halfCloseLingers, .halfCloseSendsNoFIN,
            .halfCloseEndsThePause,
            .halfCloseIsFinal:
            .c6_4
        case .abortTellsAtOnce, .abortSendsFIN, .abortLetsOutWhatIsHeld, .abortStopsNobody, .abortTwiceIsToldTwice,
            .abortIsIgnoredInsideSignals, .abortIsIgnoredInsideDeliveries, .abortInOrder, .abortWaitsBehindFinish:
            .c6_5
        case .failSendsFIN, .failDropsWhatIsHeld, .failWaitsForEver, .failForgetsTheError, .failStopsNobody,
            .lossLooksComplete, .finishForgivesTheFailure:
            .c6_6
        case .theLastErrorWins, .theSecondErrorIsSilent, .lossAfterAbortWins:
            .c6_7
        case .finishIsToldTwice, .failureIsNotTold, .halfCloseIsNotTold, .deliveryForgetsTheLast,
            .abortAfterTheEndIsToldToo:
            .c6_9
        case .deliversOnInsideAPause, .deliversOnAfterAPause, .losesWhatComesPaused, .deliversTheLatestFirst,
            .countsPauses:
            .c7_1
        case .tellsTheEndAfterTheResume, .endOvertakesTheElements, .lossDropsTheInput, .endReachesAPausedConsumer,
            .endIsLostInAPause:
            .c7_2
        case .peersFINEndsBothSides, .peersFINIsNoEndWithoutHalfClose, .peersFINDropsWhatIsHeld, .peersFINResets,
            .lossSaysOneElement, .peersFINStopsTheProducer:
            .c7_3
        case .earlyPauseIsIgnored, .resumeAfterTheLossIsDead, .resumeAfterTheLossRepeatsTheEnd,
            .lateConsumersHearNothing:
            .c7_4
        case .readsForNobodyWithoutBound, .discardsForNobody, .neverReadsAgain:
            .c7_5
        case .inboundLevelIsBlind, .ignoresTheWindow, .inboundLevelStays:
            .c7_6
        case .stopEndsTheWriteSide, .stopEndsTheReading, .stopDiscardsUncounted, .stopForgetsWhatWaits, .stopDelivers,
            .stopHidesTheEnd:
            .c7_7
        case .hasNoLimit, .limitMeetsOneElement, .overflowHasNoName, .overflowHasNoFigures,
            .overflowIsToldInsideTheWrite:
            .c10_3
        }
    }
}
