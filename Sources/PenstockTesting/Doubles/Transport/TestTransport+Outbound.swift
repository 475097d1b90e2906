public import Penstock

/// What goes out: the level is what the kernel has not taken.
extension TestTransport {
    /// Records `write` and the number of bytes, and offers them to the kernel at the end of the turn.
    @discardableResult
    public func write(_ element: consuming [UInt8]) -> WriteOutcome {
        let element = element
        transcript.record("write \(element.count)")
        guard !element.isEmpty else { return gate.acceptEmpty() }  // C3.4
        let weight = weight(of: element)
        guard gate.admits(weight: weight) else { return .closed }
        keep(element)
        return gate.accept(weight: weight)
    }

    /// Records `write-all` and the numbers of bytes, and takes the elements as one decision (C3.5).
    @discardableResult
    public func write(contentsOf elements: some Sequence<[UInt8]>) -> WriteOutcome {
        let elements = Array(elements)
        transcript.record((["write-all"] + elements.map { "\($0.count)" }).joined(separator: " "))
        let full = elements.filter { !$0.isEmpty }
        let weight = full.reduce(0) { $0 + self.weight(of: $1) }
        guard gate.admits(weight: 0, elements: 0) else {
            _ = gate.admits(weight: weight, elements: elements.count)
            return .closed
        }
        // No element at all is no answer to a question.
        guard !full.isEmpty else { return elements.isEmpty ? gate.settle() : gate.acceptEmpty() }
        for element in full { keep(element) }
        return gate.accept(weight: weight, elements: full.count)
    }

    /// Records `register push`, then registers.
    public func registerProducer(_ producer: any PushProducer) throws(RegistrationError) {
        try transcript.register(producer) { (standIn) throws(RegistrationError) in try gate.register(standIn) }
    }

    /// Records `register pull`, then registers.
    public func registerProducer(_ producer: any PullProducer) throws(RegistrationError) {
        try transcript.register(producer) { (standIn) throws(RegistrationError) in try gate.register(standIn) }
    }

    /// Records `unregister`, then unregisters.
    public func unregisterProducer() {
        transcript.record("unregister")
        gate.unregister()
    }

    /// Drops what the kernel has not taken.
    public func discardHeld() -> Int {
        defer {
            unsent.removeAll()
            entries.removeAll()
        }
        return entries.count
    }

    private func weight(of element: [UInt8]) -> Int { element.count + configuration.overhead }

    private func keep(_ element: [UInt8]) {
        unsent += element
        entries.append(element.count)
        flushLater()
    }

    /// Flushed once a turn, as on a socket: nothing leaves inside the write.
    private func flushLater() {
        guard isConnected, !isFlushDue else { return }
        isFlushDue = true
        gate.scheduler.onLaterTurn { [self] in
            isFlushDue = false
            flush()
        }
    }

    /// Offers the kernel what is waiting, until it takes no more.
    func flush() {
        guard isConnected, !isOver else { return }
        var weight = 0
        while !unsent.isEmpty {
            switch kernel.take(unsent.count) {
            case .took(let bytes):
                weight += remove(bytes)
            case .wouldBlock:
                if kernel.canTakeMore { flushLater() }
                return gate.drain(weight: weight)
            case .failed(let error):
                // Nobody may go on because of what the kernel took before it failed.
                gate.enter()
                gate.drain(weight: weight)
                disconnected(error)
                return gate.leave()
            }
        }
        if weight > 0 { gate.drain(weight: weight) }
    }

    /// Moves bytes over to the kernel and answers what they weighed: the overhead goes with the last byte of its element.
    private func remove(_ bytes: Int) -> Int {
        sent += unsent.prefix(bytes)
        unsent.removeFirst(bytes)
        var weight = bytes
        var rest = bytes
        while let first = entries.first, first <= rest {
            rest -= first
            weight += configuration.overhead
            entries.removeFirst()
        }
        if rest > 0 { entries[0] -= rest }
        return weight
    }
}
