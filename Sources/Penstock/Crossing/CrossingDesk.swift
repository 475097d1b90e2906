import DequeModule
import Synchronization

/// The near end of a crossing for tasks, which have no scheduler: the same ``FlowControl``, and those who wait for room in
/// their order.
///
/// The lock of the crossing may be taken under that of the desk, never the other way round. Nobody is woken under either.
final class CrossingDesk<Element: Sendable>: Sendable {
    /// What one call writes.
    private enum Load: Sendable {
        case one(Element, weight: Int)
        case many([CrossingQueue<Element>.Entry], weight: Int)
    }

    /// Whom an event wakes.
    private struct Calls: Sendable {
        var far: Bell?
        var tasks: [Suspension] = []

        consuming func make() {
            far?.ring()
            for task in tasks { task.wake() }
        }
    }

    fileprivate struct State {
        var flow: FlowControl
        var isOpen = false
        /// Whether nobody may queue up any more.
        var isClosed = false
        var end: EndReason?
        var queue: Deque<Suspension> = []
        var closers: [Suspension] = []
    }

    let receipt = CrossingReceipt()

    private let crossing: CrossingQueue<Element>
    private let state: Mutex<State>

    init(_ crossing: CrossingQueue<Element>) {
        self.crossing = crossing
        state = Mutex(State(flow: FlowControl(marks: crossing.marks)))
    }

    /// Whether it is the near end, and not another.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Becomes the near end.
    func open() {
        state.withLock { state in
            state.isOpen = true
            _ = try? state.flow.register(.push)
        }
        _ = crossing.installNear(Bell { [weak self] in self?.look() })
    }

    func write(_ element: Element) async throws {
        let weight = crossing.weigher.weight(of: element)
        try await write(weight > 0 ? .one(element, weight: weight) : .many([], weight: 0))  // C3.4
    }

    func write(contentsOf elements: some Sequence<Element>) async throws {
        var entries: [CrossingQueue<Element>.Entry] = []
        var total = 0
        for element in elements {
            let weight = crossing.weigher.weight(of: element)
            guard weight > 0 else { continue }
            total += weight
            entries.append(.init(element: element, weight: weight))
        }
        try await write(.many(entries, weight: total))
    }

    func finish() async throws(DeliveryError) -> Delivery {
        state.withLock { $0.isClosed = true }
        if await serveAll() { end(.cancelled, isNow: true) } else { crossing.announce(.finished) }
        let (reason, delivery) = await receipt.get { end(.cancelled, isNow: true) }
        let told = delivery ?? state.withLock { $0.flow.delivery }
        guard reason.isOrderly else { throw DeliveryError(end: reason, delivery: told) }
        return told
    }

    /// Ends the stream, behind what was written or at once.
    func end(_ reason: EndReason, isNow: Bool) {
        let waiting = state.withLock { state -> [Suspension]? in
            guard state.end == nil else { return nil }
            return state.close(reason)
        }
        guard let waiting else { return }
        if isNow {
            crossing.cut(reason)
            drop()
        } else {
            crossing.announce(reason)
        }
        Calls(tasks: waiting).make()
    }

    var snapshot: FlowSnapshot {
        state.withLock { state in
            var snapshot = FlowSnapshot(name: crossing.name)
            snapshot.kind = state.flow.kind
            snapshot.phase = state.flow.phase
            snapshot.level = state.flow.level
            snapshot.peak = state.flow.peak
            snapshot.marks = state.flow.marks
            snapshot.isPaused = state.flow.isPaused
            snapshot.pauses = state.flow.pauses
            snapshot.delivery = state.flow.delivery
            return snapshot
        }
    }

    // MARK: Private

    private func write(_ load: Load) async throws {
        let place = Suspension()
        guard try pass(load, at: place, isFirst: true) else {
            while true {
                if await place.wait() {
                    try leave(place)
                } else if try pass(load, at: place, isFirst: false) {
                    return
                }
            }
        }
    }

    /// Writes if there is room and nobody before, or queues up.
    ///
    /// - Returns: Whether it was written.
    private func pass(_ load: Load, at place: Suspension, isFirst: Bool) throws -> Bool {
        let (isDone, calls) = try state.withLock { state -> (Bool, Calls) in
            if let end = state.end { throw end.thrown }
            if isFirst, state.isClosed { throw DoorError.writerFinished }
            let isNext = isFirst ? state.queue.isEmpty : state.queue.first === place
            guard isNext, !state.flow.isPaused else {
                if isFirst { state.queue.append(place) }
                return (false, Calls())
            }
            if !isFirst { state.queue.removeFirst() }
            let bell: Bell?
            switch load {
            case .one(let element, let weight):
                state.accept(weight: weight, elements: 1)
                bell = crossing.append(element, weight: weight)
            case .many(let entries, let weight):
                if !entries.isEmpty { state.accept(weight: weight, elements: entries.count) }
                bell = crossing.append(contentsOf: entries)
            }
            return (true, Calls(far: bell, tasks: state.next()))
        }
        calls.make()
        return isDone
    }

    /// The task was cancelled while it waited.
    private func leave(_ place: Suspension) throws {
        let (end, calls) = state.withLock { state in
            state.queue.removeAll { $0 === place }
            return (state.end, Calls(tasks: state.next()))
        }
        calls.make()
        throw end?.thrown ?? CancellationError()
    }

    /// Waits until nobody waits for room any more.
    ///
    /// - Returns: Whether the task was cancelled meanwhile.
    private func serveAll() async -> Bool {
        let place = Suspension()
        state.withLock { $0.closers.append(place) }
        defer { state.withLock { $0.closers.removeAll { $0 === place } } }
        while state.withLock({ !$0.queue.isEmpty && $0.end == nil }) {
            if await place.wait() { return true }
        }
        return false
    }

    /// Takes in what has come back: credit, and the loss of the other end.
    private func look() {
        let (isLost, calls) = state.withLock { state -> (Bool, Calls) in
            let news = crossing.collect()
            state.drain(news.taken)
            guard let loss = news.loss else { return (false, Calls(tasks: state.next())) }
            return (true, Calls(tasks: state.end == nil ? state.close(loss.abortive) : []))
        }
        if isLost { drop() }
        calls.make()
    }

    /// What is queued never gets anywhere.
    private func drop() {
        let (elements, taken) = crossing.discard()
        state.withLock { state in
            state.drain(taken)
            _ = state.flow.end()
            state.flow.discard(elements: elements)
        }
    }
}

extension CrossingDesk.State {
    fileprivate mutating func accept(weight: Int, elements: Int) {
        flow.accept(weight: weight, elements: elements)
        // Nobody but the tasks is to be signalled, and they look for themselves.
        if flow.written() != .none { _ = flow.signalReturned() }
    }

    fileprivate mutating func drain(_ weight: Int) {
        if flow.drain(weight: weight) == .resume { _ = flow.signalReturned() }
    }

    /// Refuses all who wait.
    fileprivate mutating func close(_ reason: EndReason) -> [Suspension] {
        end = reason
        isClosed = true
        return Array(queue) + closers
    }

    /// Whoever can go on now.
    fileprivate func next() -> [Suspension] {
        guard let first = queue.first else { return closers }
        return flow.isPaused ? [] : [first]
    }
}
