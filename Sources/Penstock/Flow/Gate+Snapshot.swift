extension Gate {
    /// How the stream stands.
    public var snapshot: FlowSnapshot {
        let now = scheduler.now
        var snapshot = FlowSnapshot(name: name)
        snapshot.kind = flow.kind
        snapshot.registrations = registrations
        snapshot.phase = flow.phase
        snapshot.level = flow.level
        snapshot.peak = flow.peak
        snapshot.marks = flow.marks
        snapshot.isPaused = flow.isPaused
        snapshot.isAsked = flow.isAsked
        snapshot.pauses = flow.pauses
        snapshot.timePaused = timePaused + (pausedSince.map { now - $0 } ?? .zero)
        snapshot.delivery = flow.delivery
        snapshot.waits = waits(now: now)
        return snapshot
    }

    private func waits(now: Duration) -> [FlowSnapshot.Wait] {
        guard flow.isTaking else { return [] }
        var waits: [FlowSnapshot.Wait] = []
        if flow.level > flow.marks.low, flow.isPaused || flow.kind == .pull {
            let age = pausedSince.map { now - $0 } ?? .zero
            waits.append(.init(reason: "\(name) to take \(flow.level) down to \(flow.marks.low)", age: age))
        }
        for (hold, since) in holdsSince {
            waits.append(.init(reason: "\(name) to be released from the hold '\(hold)'", age: now - since))
        }
        if flow.isAsked {
            let age = askedSince.map { now - $0 } ?? .zero
            waits.append(.init(reason: "the pull producer of \(name) to answer", age: age))
        }
        if !waits.isEmpty { waits += owner?.downstreamWaits ?? [] }
        return waits
    }
}
