extension Gate {
    /// A meter, and how much it has been told of what the gate has accepted and given back in its life.
    ///
    /// A meter's hold pauses the producer, and that may write, drain, end the stream or take the meter away, all before the
    /// meter's call returns. So nothing is passed along from one call to the next: each meter is told the difference between
    /// two totals, and the total it knows is moved before it is called.
    struct MeterEntry {
        var meter: any Meter
        var accepted: Int
        var drained: Int
    }

    /// Whether somebody besides the producer wants to know of every weight that goes.
    package var isMetered: Bool { !meters.isEmpty }

    /// Has a meter told of every weight from now on; does nothing if it is told already.
    public func add(_ meter: any Meter) {
        guard !meters.contains(where: { $0.meter === meter }) else { return }
        if let index = leaving.firstIndex(where: { $0.meter === meter }) {
            leaving[index].returns = true
            return
        }
        guard end == nil else { return meter.detached(from: self) }
        let total = flow.delivery.accepted.weight - flow.level
        meters.append(MeterEntry(meter: meter, accepted: total, drained: total))
        meter.attached(to: self)
        tellMeters()
    }

    /// Tells a meter no more; what is held counts as drained for it.
    public func remove(_ meter: any Meter) {
        guard let index = meters.firstIndex(where: { $0.meter === meter }) else {
            // It is on its way out; what may have been asked for since is withdrawn.
            for index in leaving.indices where leaving[index].meter === meter { leaving[index].returns = false }
            return
        }
        letGo(of: meters.remove(at: index))
    }

    /// Tells a meter that is no longer among the others what it has not heard yet, and that this was all.
    ///
    /// If it is added again meanwhile, that is done when it has heard this.
    func letGo(of entry: MeterEntry) {
        leaving.append((entry.meter, false))
        defer {
            if let index = leaving.firstIndex(where: { $0.meter === entry.meter }), leaving.remove(at: index).returns {
                add(entry.meter)
            }
        }
        let total = flow.delivery.accepted.weight
        if entry.accepted < total { entry.meter.accepted(total - entry.accepted, at: self) }
        if entry.drained < total { entry.meter.drained(total - entry.drained, at: self) }
        entry.meter.detached(from: self)
    }

    /// Tells the meters of a write, when it is settled.
    ///
    /// Not before: a hold of theirs pauses the producer, and what that writes must not overtake the element that is still
    /// being handed on. It is inside the write all the same, so a release of theirs resumes nobody before it is over (C4.2).
    func settleMeters() {
        flow.enter()
        tellMeters()
        carryOut(flow.leave())
    }

    /// The level falls before a meter hears of it, or what a release of the meter's lets in would meet the old one.
    func drainMetered(weight: Int) {
        flow.lower(weight: weight)
        tellMeters()
        carryOut(flow.recheck())
    }

    /// Tells each meter what it does not know yet; may be entered again from inside.
    private func tellMeters() {
        var index = 0
        while index < meters.count {
            let accepted = flow.delivery.accepted.weight
            let drained = accepted - flow.level
            let entry = meters[index]
            if entry.accepted < accepted {
                meters[index].accepted = accepted
                entry.meter.accepted(accepted - entry.accepted, at: self)
                index = 0
            } else if entry.drained < drained {
                meters[index].drained = drained
                entry.meter.drained(drained - entry.drained, at: self)
                index = 0
            } else {
                index += 1
            }
        }
    }
}
