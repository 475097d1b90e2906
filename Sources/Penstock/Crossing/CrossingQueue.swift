import DequeModule
import Synchronization

/// What the two ends of a crossing share: a queue, the end behind it, and the credit on its way back.
///
/// The near end bounds the queue, as its level counts everything that the far end has not taken. No bell is rung, no element
/// destroyed and nobody called under the lock.
final class CrossingQueue<Element: Sendable>: Sendable {
    /// Not a tuple: where nothing is specialized, the type of a tuple is looked up for each element.
    struct Entry: Sendable {
        var element: Element
        var weight: Int
    }

    /// What the near end learns when it looks.
    struct News: Sendable {
        /// The weight that has been taken since it last looked.
        var taken: Int
        /// Why the far end is gone; nil while it is there.
        var loss: EndReason?
        /// Whether the far end has passed on the end that was announced.
        var isEndGiven: Bool
        /// Whether the far end has a consumer.
        var isAttached: Bool
    }

    fileprivate struct State {
        var queue: Deque<Entry> = []
        /// Why no more elements come.
        var end: EndReason?
        /// Whether the end comes now, not behind what is queued.
        var isCut = false
        /// Whether the far end has fetched the end, and whether it has passed it on.
        var isEndFetched = false
        var isEndGiven = false
        var taken = 0
        var loss: EndReason?
        var nearBell: Bell?
        var farBell: Bell?
        /// Whether the far end will look without being woken: it is about to, or its consumer is full.
        var isFarAwake = false
        /// Whether the near end has been woken and has not looked.
        var isNearDue = false
        var isNearGone = false
        var isAttached = false
        /// What the consumer of the far end waits for, if that is full.
        var waits: [FlowSnapshot.Wait] = []
    }

    let marks: Watermarks
    let weigher: SharedWeigher<Element>
    let name: String

    /// The far end gives back so much at a time while it is still taking, and the rest when it stops.
    let batch: Int
    private let state = Mutex(State())

    init(_ marks: Watermarks, _ weigher: SharedWeigher<Element>, _ name: String) {
        self.marks = marks
        self.weigher = weigher
        self.name = name
        batch = max(1, (marks.high - marks.low) / 2)
    }

    // MARK: The near end

    /// Has the bell rung from now on when there is news.
    ///
    /// - Returns: Whether the far end has a consumer.
    func installNear(_ bell: Bell) -> Bool {
        let (isLate, isAttached) = state.withLock { state in
            state.nearBell = bell
            return (state.loss != nil, state.isAttached)
        }
        if isLate { bell.ring() }
        return isAttached
    }

    /// What the consumer of the far end waits for, as of its last pause; empty if it is not full.
    var waits: [FlowSnapshot.Wait] { state.withLock { $0.waits } }

    /// Queues an element.
    ///
    /// - Returns: The bell to ring for it; nil if the far end looks anyway.
    func append(_ element: Element, weight: Int) -> Bell? {
        state.withLock { state in
            state.queue.append(Entry(element: element, weight: weight))
            return state.awakeFar()
        }
    }

    /// Queues several elements.
    ///
    /// - Returns: The bell to ring for them; nil if the far end looks anyway.
    func append(contentsOf entries: [Entry]) -> Bell? {
        state.withLock { state in
            state.queue.append(contentsOf: entries)
            return state.awakeFar()
        }
    }

    /// No more elements come: the end is behind what is queued, and the first one counts.
    func announce(_ end: EndReason) {
        let bell = state.withLock { state -> Bell? in
            guard state.end == nil else { return nil }
            state.end = end
            return state.farBell
        }
        bell?.ring()
    }

    /// The end comes now: the far end takes nothing more of what is queued.
    ///
    /// Wins over an end that was announced.
    func cut(_ end: EndReason) {
        let bell = state.withLock { state -> Bell? in
            guard !state.isCut, !state.isEndFetched else { return nil }
            state.end = end
            state.isCut = true
            return state.farBell
        }
        bell?.ring()
    }

    func collect() -> News {
        state.withLock { state in
            state.isNearDue = false
            defer { state.taken = 0 }
            return News(
                taken: state.taken,
                loss: state.loss,
                isEndGiven: state.isEndGiven,
                isAttached: state.isAttached
            )
        }
    }

    /// Drops what is queued.
    ///
    /// - Returns: How many elements, and the weight that had been taken before and not been collected.
    func discard() -> (elements: Int, taken: Int) {
        let (dropped, taken) = state.withLock { state in
            defer {
                state.queue = []
                state.taken = 0
            }
            return (state.queue, state.taken)
        }
        return (dropped.count, taken)
    }

    /// Nobody is there to write any more, and nobody listens.
    func nearIsGone() {
        let (bell, dropped) = state.withLock { state -> (Bell?, Deque<Entry>) in
            state.isNearGone = true
            state.nearBell = nil
            if state.end == nil {
                state.end = EndReason(.lost, detail: "the writing end of \(name) was dropped before it had finished")
            }
            guard state.loss != nil else { return (state.farBell, []) }
            defer { state.queue = [] }
            return (nil, state.queue)
        }
        bell?.ring()
        _ = consume dropped
    }

    // MARK: The far end

    func installFar(_ bell: Bell) {
        state.withLock { $0.farBell = bell }
    }

    /// The far end has a consumer from now on.
    func farIsAttached() {
        let bell = state.withLock { state in
            state.isAttached = true
            return state.awakeNear()
        }
        bell?.ring()
    }

    /// The consumer of the far end is full, and this is what it waits for; or it is no longer, and waits for nothing.
    func farWaits(for waits: [FlowSnapshot.Wait]) {
        state.withLock { $0.waits = waits }
    }

    /// The next element, which the far end passes on at once; nil if there is none.
    ///
    /// Then the far end sleeps until its bell rings.
    func take() -> Entry? {
        state.withLock { state in
            guard !state.isCut, let entry = state.queue.popFirst() else {
                state.isFarAwake = false
                return nil
            }
            state.taken &+= entry.weight
            return entry
        }
    }

    /// The end, if there is no element before it, and it was not fetched before.
    func takeEnd() -> EndReason? {
        state.withLock { state in
            guard state.isCut || state.queue.isEmpty, !state.isEndFetched, let end = state.end else { return nil }
            state.isEndFetched = true
            return end
        }
    }

    /// Gives back what the far end has taken: now and then, and when it stops.
    func giveBack() {
        let bell = state.withLock { $0.taken > 0 ? $0.awakeNear() : nil }
        bell?.ring()
    }

    /// The far end has passed the end on.
    func endGiven() {
        let bell = state.withLock { state in
            state.isEndGiven = true
            return state.awakeNear()
        }
        bell?.ring()
    }

    /// The far end has ended early, or is gone: nothing is taken any more, and the first reason counts.
    func farIsLost(_ reason: EndReason) {
        let (bell, dropped) = state.withLock { state -> (Bell?, Deque<Entry>) in
            state.farBell = nil
            guard state.loss == nil, !state.isEndGiven else { return (nil, []) }
            state.loss = reason
            // A near end that is there counts what it drops.
            guard state.isNearGone else { return (state.awakeNear(), []) }
            defer { state.queue = [] }
            return (nil, state.queue)
        }
        bell?.ring()
        _ = consume dropped
    }
}

extension CrossingQueue.State {
    /// The bell to ring so that the far end looks; nil if it looks anyway.
    fileprivate mutating func awakeFar() -> Bell? {
        guard !isFarAwake, let farBell else { return nil }
        isFarAwake = true
        return farBell
    }

    /// The bell to ring so that the near end looks; nil if it looks anyway.
    fileprivate mutating func awakeNear() -> Bell? {
        guard !isNearDue, let nearBell else { return nil }
        isNearDue = true
        return nearBell
    }
}
