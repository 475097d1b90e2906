import Penstock

/// Elements: what comes in, and what is taken from behind.
extension PlainQueue {
    func write(_ element: consuming Parcel) -> WriteOutcome {
        let element = element
        return takeIn([element])
    }

    func write(contentsOf elements: some Sequence<Parcel>) -> WriteOutcome {
        if has(.loopsOverWrite) {
            var outcome = isTaking ? (hasRoom ? WriteOutcome.room : .full) : .closed
            for element in elements { outcome = write(element) }
            return outcome
        }
        if has(.readsSequencesTwice) {
            guard elements.contains(where: { _ in true }) else { return takeIn([]) }
        }
        var all = Array(elements)
        if has(.reversesSequences) { all.reverse() }
        if all.isEmpty, has(.emptySequenceAnswersRoom) { return .room }
        if all.isEmpty, has(.emptySequenceIsAnAnswer) { isAsked = false }
        if has(.stopsSequencesWhenFull), isTaking {
            var room = marks.high - level
            all = Array(
                all.prefix { element in
                    defer { room -= element.weight }
                    return room >= 0
                }
            )
        }
        return takeIn(all)
    }

    private func takeIn(_ elements: [Parcel]) -> WriteOutcome {
        if stage == .finishing, has(.finishingRefuses) { return refuse(elements) }
        let isLate = stage == .draining && has(.takesWhileDraining)
        guard isTaking || isLate else { return refuse(elements) }
        let weight = elements.map(\.weight).reduce(0, +)
        let reached = has(.limitCountsTheElement) ? level + weight : level
        if !has(.hasNoLimit), !elements.isEmpty, reached > limit {
            let code = has(.overflowIsAnAbort) ? EndReason.Code.aborted : .overflow
            let detail = has(.overflowUnnamed) ? nil : "a write at a level of \(level), above the limit of \(limit)"
            if !has(.overflowUncounted) { _ = refuse(elements) }
            terminate(EndReason(code, detail: detail), isLater: true)
            return .closed
        }
        let least = has(.takesTheLightestForEmpty) ? 2 : has(.queuesEmpty) ? 0 : 1
        let full = elements.filter { $0.weight >= least }
        if full.isEmpty { return elements.isEmpty ? settled() : emptyAnswer() }
        if has(.refusesHeavy), full.contains(where: { $0.weight > marks.high }) { return refuse(full) }
        let hadRoom = hasRoom
        store(full)
        if !has(.answersOnlyInside) || depth > 0, !has(.lateAnswersStall) || depth > 0 { isAsked = false }
        answerWasEmpty = false
        if has(.answersClosedWhenFull), !hadRoom { return .closed }
        if has(.asksLaterAfterLateAnswers), kind == .pull, depth == 0 {
            later()
            return hasRoom ? .room : .full
        }
        return settled()
    }

    private func store(_ elements: [Parcel]) {
        let weight = elements.map(\.weight).reduce(0, +)
        delivery.accepted = delivery.accepted + .init(elements: elements.count, weight: weight)
        share.pending += weight
        if has(.dropsEverything) { return }
        if has(.dropsWhenFull), !hasRoom { return }
        if has(.lastInFirstOut) {
            held = elements + held
        } else if has(.signalsOvertake), depth > 0, !held.isEmpty {
            held.insert(contentsOf: elements, at: held.count - 1)
        } else {
            held += elements
        }
        if has(.countsOnlyWithProducer), kind == .none { return }
        if has(.countsElements) {
            level += elements.count
        } else if has(.countsSequencesByTheirFirst) {
            level += elements.first?.weight ?? 0
        } else {
            level += weight
        }
        if !has(.peakStaysZero) { peak = max(peak, level) }
    }

    /// The answer of a write, and the signals that follow from it.
    private func settled() -> WriteOutcome {
        let isFull = has(.answersFullAtHigh) ? level >= marks.high || !holds.isEmpty : !hasRoom
        let outcome: WriteOutcome = isFull && !has(.answersRoomAlways) ? .full : .room
        if hasRoom { settle() } else if has(.pausesLater) { later() } else { pauseIfFull() }
        return outcome
    }

    private func emptyAnswer() -> WriteOutcome {
        if has(.emptyAnswersRoom) { return .room }
        if has(.emptyPauses), kind == .push { pause() }
        if kind == .pull, isAsked {
            isAsked = has(.emptyStalls)
            answerWasEmpty = !has(.emptyAsksAtOnce)
        }
        return settled()
    }

    private func refuse(_ elements: [Parcel]) -> WriteOutcome {
        let full = elements.filter { $0.weight > 0 }
        if !has(.refusesUncounted) {
            let count = has(.refusesSequencesAsOne) ? min(full.count, 1) : full.count
            let weight = has(.refusesWeightless) ? 0 : full.map(\.weight).reduce(0, +)
            delivery.refused = delivery.refused + .init(elements: count, weight: weight)
        }
        return has(.answersRoomAfterTheEnd) ? .room : .closed
    }

    /// Takes the oldest element.
    func take() -> Parcel? {
        guard !held.isEmpty else { return nil }
        let parcel = held.removeFirst()
        taken.append(parcel)
        let weight = has(.countsElements) ? 1 : parcel.weight
        if has(.heavyStalls), weight > marks.high {
            level -= marks.high
        } else {
            level -= has(.leavesOneBehind) ? weight - 1 : weight
        }
        if has(.countsOnlyWithProducer) || has(.countsSequencesByTheirFirst) { level = max(0, level) }
        if has(.resumesTheRunning), kind == .push, !isPaused, level <= marks.low { pushProducer?.resumeProducing() }
        if has(.resumesBehindAnError), stage == .draining, level <= marks.low { weakPush?.resumeProducing() }
        if has(.asksUnanswered), kind == .pull, level <= marks.low, depth == 0 { ask() }
        if has(.resumesUnderHold), isPaused, depth == 0, level <= marks.low { resume() }
        settle()
        return parcel
    }

    /// Drops what is held and answers how much that was.
    func dropHeld() -> Delivery.Amount {
        defer {
            held.removeAll()
            if !has(.levelOutlivesTheEnd) { level = 0 }
        }
        return .init(elements: held.count, weight: held.map(\.weight).reduce(0, +))
    }
}
