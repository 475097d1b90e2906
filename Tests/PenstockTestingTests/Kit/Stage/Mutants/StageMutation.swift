import PenstockTesting

/// A deliberate defect of the ``PlainStage``.
enum StageMutation: String, CaseIterable, Sendable {
    // C1.9
    case keepsItselfAfterEnd, keepsItselfAfterStop, keepsItselfAfterAbort
    // C2.5
    case dropsHeldAtUnregistration, forgetsTheFirstProducersRest
    // C3.7
    case newestFirst, swapsInputs, overtakesItself, losesOneOfASequence
    // C4.6
    case levelWithoutInputs, levelDrainsTooEarly, levelNeverFalls
    // C4.7
    case emitsOneAfterThePause, ignoresPauseBetweenTurns, emitsAtItsAttachment
    // C4.8
    case forgetsToResume, forgetsToAsk
    // C4.9
    case hidesTheConsumersWaits, hidesItsOwnWait, waitsForever
    // C6.1
    case doesNotStopItsProducer, stopsItsProducerTwice, stopsItsProducerLater, stopsWithoutTheError
    // C6.6
    case endsTwice, failureLooksFinished, wrapsTheError, abortLooksFinished, endsAnOpenConsumer, dropsTheEarlyEnd
    case abortInSilence
    // C6.7
    case lastErrorWins, failsAStopper
    // C8.1
    case takesTwoProducers, runsWithoutConsumer, pausesTwice, asksTwice, keepsALateProducer, pausesLater
    case finishesTooSoon, countsItsPausesWrong, holdsItsConsumer
    // C8.2
    case stallsForNothing, spinsForNothing, ignoresPauseInsideAnInput, takesInputsWhileOneIsOpen
    // C8.3
    case endsWithoutFlush, endsBeforeItIsTaken, ownFailureOnlyDownstream, ownFailureOnlyUpstream, replacesItsOwnFailure
    // C8.5
    case dropsUncounted, refusesUncounted
    // C10
    case pausesTooLate, neverPauses, hasNoLimit

    /// The rule that must catch it.
    var rule: ContractRule {
        switch self {
        case .keepsItselfAfterEnd, .keepsItselfAfterStop, .keepsItselfAfterAbort: .c1_9
        case .dropsHeldAtUnregistration, .forgetsTheFirstProducersRest: .c2_5
        case .newestFirst, .swapsInputs, .overtakesItself, .losesOneOfASequence: .c3_7
        case .levelWithoutInputs, .levelDrainsTooEarly, .levelNeverFalls: .c4_6
        case .emitsOneAfterThePause, .ignoresPauseBetweenTurns, .emitsAtItsAttachment: .c4_7
        case .forgetsToResume, .forgetsToAsk: .c4_8
        case .hidesTheConsumersWaits, .hidesItsOwnWait, .waitsForever: .c4_9
        case .doesNotStopItsProducer, .stopsItsProducerTwice, .stopsItsProducerLater, .stopsWithoutTheError: .c6_1
        case .endsTwice, .failureLooksFinished, .wrapsTheError, .abortLooksFinished, .endsAnOpenConsumer,
            .dropsTheEarlyEnd, .abortInSilence:
            .c6_6
        case .lastErrorWins, .failsAStopper: .c6_7
        case .takesTwoProducers, .runsWithoutConsumer, .pausesTwice, .asksTwice, .keepsALateProducer, .pausesLater,
            .finishesTooSoon, .countsItsPausesWrong, .holdsItsConsumer:
            .c8_1
        case .stallsForNothing, .spinsForNothing, .ignoresPauseInsideAnInput, .takesInputsWhileOneIsOpen: .c8_2
        case .endsWithoutFlush, .endsBeforeItIsTaken, .ownFailureOnlyDownstream, .ownFailureOnlyUpstream,
            .replacesItsOwnFailure:
            .c8_3
        case .dropsUncounted, .refusesUncounted: .c8_5
        case .pausesTooLate: .c10_2
        case .neverPauses, .hasNoLimit: .c10_3
        }
    }
}
