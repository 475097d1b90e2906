import PenstockTesting

/// A deliberate defect of ``PlainQueue``, with the rule that must catch it.
enum ConsumerMutation: String, CaseIterable, Sendable {
    // C1
    case replacesTheFirst, refusesInSilence, stopsTheRefused, takesTheSameAgain, forgetsTheFirst
    case takesPullForPush, asksPushProducers
    case ignoresTheLate, stopsTheLateTwice, stopsTheLateLater, throwsAfterTheEnd, keepsTheLate
    case refusesWhileConnecting, asksWhileConnecting, pausesNobodyWhileConnecting, endsBeforeTheConnection
    case registersWhileDraining, throwsWhileFinishing
    case noPauseAtRegistration, pausesAtRegistration, pausesAtRegistrationLater
    case asksFirstLater, asksFirstWhenEmpty, asksFirstAboveLow, asksFirstUnderHold
    case keepsWeakly, keepsAfterUnregistering, keepsAfterTheEnd
    // C2
    case stopsTheUnregistered, resumesTheUnregistered, unregisteringNobodyDrops
    case forgetsTheSuccessor, ignoresUnregisteringInSignals
    case pauseOutlivesItsProducer, questionOutlivesItsProducer
    case unregisteringEndsNothing, unregisteringInSignalsEndsNothing, forgetsFinishAfterDraining
    case unregisteringDropsHeld, unregisteringDropsTheLast, dropsEverything
    // C3
    case dropsWhenFull, answersRoomAlways, answersFullAtHigh, answersClosedWhenFull
    case takesWhileDraining, refusesUncounted, answersRoomAfterTheEnd, emptySequenceAnswersRoom, refusesSequencesAsOne
    case countsOnlyWithProducer, answersOnlyInside
    case queuesEmpty, emptyPauses, takesTheLightestForEmpty, emptyAnswersRoom
    case loopsOverWrite, readsSequencesTwice, stopsSequencesWhenFull, emptySequenceIsAnAnswer
    case refusesHeavy, heavyStalls
    case lastInFirstOut, reversesSequences, signalsOvertake
    // C4
    case pausesAtHigh, pausesLater, pausesAgain, neverPauses, holdsDoNotPause, marksDoNotPause
    case resumesBelowHigh, resumesWhenEmpty, resumesUnderHold, resumesTwice, resumesInsidePause, marksDoNotResume
    case resumesInsideResume, resumesTheRunning, resumesTheStopped, resumesBehindAnError
    case nestsQuestions, nestsRefills, nestsPauses, nestsStops, ignoresAbortInSignals, ignoresFinishInSignals
    case ignoresFailInSignals
    case countsHolds, pausesForEachReason, unknownReleaseResumes
    case countsElements, leavesOneBehind, countsSequencesByTheirFirst, levelOutlivesTheEnd
    case releaseResumesNobody, releaseAsksNobody, finishingResumesNobody, losesLaterTurns
    case waitsUnnamed, waitsAgeless, waitsForever, questionIsNoWait, levelIsNoWait
    // C5
    case asksUnanswered, asksTwice
    case asksWhenEmpty, asksToHigh, asksUnderHold, asksAfterTheEnd, finishingAsksNobody, marksDoNotAsk
    case lateAnswersStall, asksLaterAfterLateAnswers, nestsLateQuestions
    case emptyAsksAtOnce, emptyStalls
    case ignoresTheBudget, budgetStalls, ignoresTheBudgetOfRefills
    // C6
    case stopsTwice, abortStopsNobody, failStopsNobody, lossStopsNobody, stopsThoseWhoLeft, stopsForNoReason
    case finishStops
    case tellsBeforeStop, dropsBeforeStop, isOpenInStop, isOccupiedInStop, abortInStopSkipsTheRest
    case finishDropsHeld, finishDoesNotWait, finishingRefuses, ignoresTheDeadline, alwaysHasADeadline
    case finishDoesNotWaitForHeld
    case abortTellsAtOnce, abortKeepsHeld, abortStopsLater, abortTellsTwice, abortLooksOrderly,
        ignoresAbortWhileDraining
    case failDropsHeld, failLooksOrderly, failLosesTheError, failStopsLast, ignoresFailWhileFinishing
    case lastErrorWins, secondErrorUnreported
    case tellsTheEndTwice, failureUntold, endUntold, toldWithoutDelivery, toldWithoutRefused
    // C8 and C10
    case dropsUncounted, dropsWeightless, refusesWeightless
    case pausesAtTwiceHigh, asksAtTwiceLow, peakStaysZero
    case hasNoLimit, limitCountsTheElement, overflowIsAnAbort, overflowUnnamed, overflowUncounted, limitIsTooHigh

    /// The rule that must be found broken.
    var rule: ContractRule {
        switch self {
        case .replacesTheFirst, .refusesInSilence, .stopsTheRefused, .takesTheSameAgain, .forgetsTheFirst: .c1_1
        case .takesPullForPush, .asksPushProducers: .c1_2
        case .ignoresTheLate, .stopsTheLateTwice, .stopsTheLateLater, .throwsAfterTheEnd, .keepsTheLate: .c1_3
        case .refusesWhileConnecting, .asksWhileConnecting, .pausesNobodyWhileConnecting, .endsBeforeTheConnection:
            .c1_4
        case .registersWhileDraining, .throwsWhileFinishing: .c1_5
        case .noPauseAtRegistration, .pausesAtRegistration, .pausesAtRegistrationLater: .c1_6
        case .asksFirstLater, .asksFirstWhenEmpty, .asksFirstAboveLow, .asksFirstUnderHold: .c1_7
        case .keepsWeakly, .keepsAfterUnregistering, .keepsAfterTheEnd: .c1_9
        case .stopsTheUnregistered, .resumesTheUnregistered, .unregisteringNobodyDrops: .c2_1
        case .forgetsTheSuccessor, .ignoresUnregisteringInSignals: .c2_2
        case .pauseOutlivesItsProducer, .questionOutlivesItsProducer: .c2_3
        case .unregisteringEndsNothing, .unregisteringInSignalsEndsNothing, .forgetsFinishAfterDraining: .c2_4
        case .unregisteringDropsHeld, .unregisteringDropsTheLast, .dropsEverything: .c2_5
        case .dropsWhenFull, .answersRoomAlways, .answersFullAtHigh, .answersClosedWhenFull: .c3_1
        case .takesWhileDraining, .refusesUncounted, .answersRoomAfterTheEnd, .emptySequenceAnswersRoom: .c3_2
        case .refusesSequencesAsOne: .c3_2
        case .countsOnlyWithProducer, .answersOnlyInside: .c3_3
        case .queuesEmpty, .emptyPauses, .takesTheLightestForEmpty, .emptyAnswersRoom: .c3_4
        case .loopsOverWrite, .readsSequencesTwice, .stopsSequencesWhenFull, .emptySequenceIsAnAnswer: .c3_5
        case .refusesHeavy, .heavyStalls: .c3_6
        case .lastInFirstOut, .reversesSequences, .signalsOvertake: .c3_7
        case .pausesAtHigh, .pausesLater, .pausesAgain, .neverPauses, .holdsDoNotPause, .marksDoNotPause: .c4_1
        case .resumesBelowHigh, .resumesWhenEmpty, .resumesUnderHold, .resumesTwice, .resumesInsidePause: .c4_2
        case .marksDoNotResume, .resumesInsideResume: .c4_2
        case .resumesTheRunning, .resumesTheStopped, .resumesBehindAnError: .c4_3
        case .nestsQuestions, .nestsRefills, .nestsPauses, .nestsStops, .ignoresAbortInSignals: .c4_4
        case .ignoresFinishInSignals, .ignoresFailInSignals: .c4_4
        case .countsHolds, .pausesForEachReason, .unknownReleaseResumes: .c4_5
        case .countsElements, .leavesOneBehind, .countsSequencesByTheirFirst, .levelOutlivesTheEnd: .c4_6
        case .releaseResumesNobody, .releaseAsksNobody, .finishingResumesNobody, .losesLaterTurns: .c4_8
        case .waitsUnnamed, .waitsAgeless, .waitsForever, .questionIsNoWait, .levelIsNoWait: .c4_9
        case .asksUnanswered, .asksTwice: .c5_1
        case .asksWhenEmpty, .asksToHigh, .asksUnderHold, .asksAfterTheEnd, .finishingAsksNobody, .marksDoNotAsk: .c5_2
        case .lateAnswersStall, .asksLaterAfterLateAnswers, .nestsLateQuestions: .c5_3
        case .emptyAsksAtOnce, .emptyStalls: .c5_4
        case .ignoresTheBudget, .budgetStalls, .ignoresTheBudgetOfRefills: .c5_5
        case .stopsTwice, .abortStopsNobody, .failStopsNobody, .lossStopsNobody, .stopsThoseWhoLeft: .c6_1
        case .stopsForNoReason, .finishStops: .c6_1
        case .tellsBeforeStop, .dropsBeforeStop, .isOpenInStop, .isOccupiedInStop, .abortInStopSkipsTheRest: .c6_2
        case .finishDropsHeld, .finishDoesNotWait, .finishingRefuses, .ignoresTheDeadline, .alwaysHasADeadline: .c6_3
        case .finishDoesNotWaitForHeld: .c6_3
        case .abortTellsAtOnce, .abortKeepsHeld, .abortStopsLater, .abortTellsTwice, .abortLooksOrderly: .c6_5
        case .ignoresAbortWhileDraining: .c6_5
        case .failDropsHeld, .failLooksOrderly, .failLosesTheError, .failStopsLast, .ignoresFailWhileFinishing: .c6_6
        case .lastErrorWins, .secondErrorUnreported: .c6_7
        case .tellsTheEndTwice, .failureUntold, .endUntold, .toldWithoutDelivery, .toldWithoutRefused: .c6_9
        case .dropsUncounted, .dropsWeightless, .refusesWeightless: .c8_5
        case .pausesAtTwiceHigh, .asksAtTwiceLow, .peakStaysZero: .c10_2
        case .hasNoLimit, .limitCountsTheElement, .overflowIsAnAbort, .overflowUnnamed, .overflowUncounted: .c10_3
        case .limitIsTooHigh: .c10_3
        }
    }
}
