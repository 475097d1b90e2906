import Penstock

/// What the consumer hands on, and what it tells others.
extension SimulatedNode {
    /// An element leaves a stage: it must be the oldest one.
    func handOn(_ element: SimulationElement) {
        if !isOpen, !wasPausedInTransform { breach("C4.7", "hands on \(element) after it was paused") }
        if phase == .ended, plan.kind.isStage, !isTransforming { breach("C6.5", "hands on \(element) after its end") }
        isTransforming = false
        wasPausedInTransform = false
        let before = level
        if plan.kind == .framer {
            handOnLine(element)
        } else if held.first?.number == element.number {
            held.removeFirst()
        } else {
            breach("C3.7", "hands on \(element) instead of \(held.first.map { "\($0.number)" } ?? "nothing")")
        }
        inHand += before - level
    }

    func handedOn() { inHand = 0 }

    func handOnLine(_ line: SimulationElement) {
        let end = bytes.firstIndex(of: 10) ?? bytes.count
        let length = end > 0 && end < bytes.count && bytes[end - 1] == 13 ? end - 1 : end
        let isLast = end == bytes.count
        var isRight = length == line.byteCount && !(isLast && (phase != .draining || isFailed || bytes.isEmpty))
        for offset in 0..<min(length, line.byteCount) where bytes[offset] != line.byte(at: offset) { isRight = false }
        if !isRight { breach("C3.7", "delivers a line of \(line.byteCount) bytes where one of \(length) was due") }
        bytes.removeFirst(isLast ? end : end + 1)
    }

    /// A null consumer shows an element before it drops it.
    func show(_ element: SimulationElement) {
        if held.first?.number == element.number {
            held.removeFirst()
        } else {
            breach("C3.7", "shows \(element) out of order")
        }
        run.react(.element, at: index)
    }

    func transform() throws {
        sync()
        if phase == .ended { breach("C6.5", "transforms an element after its end") }
        isTransforming = true
        run.react(.transform, at: index)
        guard breaks, phase != .ended else { return }
        breaks = false
        end()
        throw SimulatedError()
    }

    func ended() {
        sync()
        ends += 1
        if ends > 1 { breach("C6.9", "tells its end twice") }
        run.react(.ended, at: index)
    }

    func breach(_ rule: String, _ problem: @autoclosure () -> String) {
        run.breach(rule, "node \(index) (\(plan.kind.rawValue)): \(problem())")
    }
}

/// What producers are told, and whether it was legal.
extension SimulatedNode {
    func pausing(_ producer: SimulatedPush) {
        run.activity += 1
        sync()
        if producer !== push || kind != .push {
            breach("C2.1", "pauses a producer that is not registered")
        } else if isPaused {
            breach("C4.1", "pauses a producer that is paused")
        } else if !isTaking {
            breach("C6.1", "pauses after the end")
        } else if !isSink, level <= marks.high, !isHeld {
            breach("C4.1", "pauses at a level of \(level), marks \(marks), without a hold")
        }
        isPaused = true
        signals += 1
    }

    func resuming(_ producer: SimulatedPush) {
        run.activity += 1
        sync()
        if producer !== push || kind != .push {
            breach("C2.1", "resumes a producer that is not registered")
        } else if !isPaused {
            breach("C4.3", "resumes a producer that is not paused")
        } else if !isTaking {
            breach("C4.3", "resumes after the end")
        } else if writes > 0 {
            breach("C4.2", "resumes inside a write")
        } else if signals > 0 {
            breach("C4.2", "resumes inside a signal")
        } else if level > marks.low || isHeld {
            breach("C4.2", "resumes at a level of \(level), marks \(marks), held: \(isHeld)")
        }
        isPaused = false
        signals += 1
    }

    func signalled() { signals -= 1 }

    func asking(_ producer: SimulatedPull) {
        run.activity += 1
        sync()
        if producer !== pull || kind != .pull {
            breach("C2.1", "asks a producer that is not registered")
        } else if isAsked {
            breach("C5.1", "asks before the last question was answered")
        } else if !isTaking {
            breach("C5.2", "asks after the end")
        } else if questions > 0 {
            breach("C5.3", "asks inside a question")
        } else if level > marks.low || isHeld {
            breach("C5.2", "asks at a level of \(level), marks \(marks), held: \(isHeld)")
        }
        isAsked = true
        questions += 1
    }

    func asked() { questions -= 1 }

    /// - Returns: Whether it was registered.
    func stopping(_ producer: AnyObject) -> Bool {
        run.activity += 1
        if newcomer === producer {
            newcomer = nil
            return false
        }
        sync()
        if producer !== push, producer !== pull {
            breach("C6.1", "stops a producer that is not registered")
        } else if !owesStop {
            breach("C6.1", "stops a producer although the stream has not ended")
        }
        owesStop = false
        forget()
        return true
    }
}
