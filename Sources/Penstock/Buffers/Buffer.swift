public import DequeModule

/// A consumer in memory that a reader drains: the building block of everything that holds elements.
///
/// The writing side is the contract's: it pauses and resumes a producer by its marks. The reading side is ``take()`` and
/// ``onReadable``. Reading is what makes room: a paused producer is resumed inside the `take()` that brings the level
/// down to the low mark.
///
/// Reading goes on after ``finish()`` and ``fail(_:)`` until everything held has been taken; then ``end`` says why nothing
/// more comes. Every operation costs constant time and, once the storage has grown, allocates nothing.
public final class Buffer<Element>: GatedConsumer {
    @usableFromInline struct Entry {
        @usableFromInline var element: Element
        @usableFromInline var weight: Int
        @inlinable init(element: Element, weight: Int) {
            self.element = element
            self.weight = weight
        }
    }

    /// The gate: marks, holds, observer, `onEnd`.
    public let gate: Gate

    /// Called inside a write when the first element arrives in an empty buffer, and once when the end can be seen; the
    /// reader may take elements inside.
    ///
    /// What happens inside a ``take()`` is told on a later turn: a reader never hears of newer elements, or of the end, before
    /// it has the element it is taking.
    public var onReadable: (() -> Void)? {
        didSet { storage.value.hasReader = onReadable != nil }
    }

    @usableFromInline struct Storage: ~Copyable {
        /// Not a `Deque`: nobody else has it, and asking whether that is so costs more than all the rest, above all through
        /// `any Consumer`, where nothing is specialized.
        @usableFromInline var held = UniqueDeque<Entry>()
        @usableFromInline var isReading = false
        @usableFromInline var hasReader = false
        @inlinable init() {}

        /// Whether the reader has to be told of the next element.
        @inlinable var isReadersFirst: Bool { hasReader && held.isEmpty }
    }

    @usableFromInline let weigher: Weigher<Element>
    @usableFromInline let storage = Cell(Storage())
    private var isTellingLater = false
    private var seat: ReaderSeat?

    /// Creates a buffer.
    ///
    /// - Parameters:
    ///   - marks: When to pause and when to resume.
    ///   - weight: What an element costs, at least 1; called once for each element, and must not call the buffer.
    ///   - scheduler: Serves the isolation domain of the buffer.
    ///   - name: Shown in snapshots.
    public convenience init(
        marks: Watermarks,
        weight: @escaping (Element) -> Int,
        scheduler: any Scheduler,
        name: String = "buffer"
    ) {
        self.init(marks, Weigher(weight), scheduler, name)
    }

    @usableFromInline
    init(_ marks: Watermarks, _ weigher: Weigher<Element>, _ scheduler: any Scheduler, _ name: String) {
        self.weigher = weigher
        gate = Gate(name: name, flow: FlowControl(marks: marks), scheduler: scheduler)
        gate.owner = self
    }

    /// The number of elements held.
    @inlinable public var count: Int { storage.value.held.count }

    /// Whether nothing is held.
    @inlinable public var isEmpty: Bool { storage.value.held.isEmpty }

    /// Why nothing more comes; nil while something is held or may come.
    public var end: EndReason? { gate.end }

    /// Takes the oldest element; nil if there is none for now, or ever if ``end`` is set.
    ///
    /// May resume the producer, or ask it, before it returns.
    @inlinable
    public func take() -> Element? {
        guard let entry = storage.value.held.popFirst() else { return nil }
        let wasReading = storage.value.isReading
        storage.value.isReading = true
        gate.drain(weight: entry.weight)
        storage.value.isReading = wasReading
        return entry.element
    }

    /// The oldest element, without taking it.
    @inlinable
    public func peek() -> Element? { storage.value.held.isEmpty ? nil : storage.value.held[0].element }

    /// Takes an element in; see ``Consumer/write(_:)``.
    @inlinable
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome {
        let weight = weigher.weight(of: element)
        guard weight > 0 else { return gate.acceptEmpty() }  // C3.4
        guard gate.admits(weight: weight) else { return .closed }
        let isFirst = storage.value.isReadersFirst
        storage.value.held.append(Entry(element: element, weight: weight))
        return isFirst ? acceptAndTell(weight: weight, elements: 1) : gate.accept(weight: weight)
    }

    /// Takes several elements in as one decision; see ``Consumer/write(contentsOf:)``.
    @inlinable
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        let isFirst = storage.value.isReadersFirst
        let intake = weigher.takeIn(elements, at: gate) { element, weight in
            storage.value.held.append(Entry(element: element, weight: weight))
        }
        switch intake {
        case .answered(let outcome): return outcome
        case .stored:
            return isFirst
                // Counted already.
                ? acceptAndTell(weight: 0, elements: 0)
                : gate.settle()
        }
    }

    /// Ends the stream and tells the reader.
    public func gateDrained(_ reason: EndReason) {
        gate.end(reason, telling: storage.value.isReading ? .later : .now)
        tellReader()
    }

    /// Drops what is held and ends the stream now.
    public func abort(_ reason: EndReason) {
        guard gate.end == nil else { return gate.end(reason) }
        gate.end(reason.abortive, telling: .later)
        tellReader()
    }

    /// Drops what is held.
    public func discardHeld() -> Int {
        // Let go only when it is no longer in the storage: an element may call back when it goes.
        var dropped = UniqueDeque<Entry>()
        swap(&dropped, &storage.value.held)
        return dropped.count
    }

    @usableFromInline
    func acceptAndTell(weight: Int, elements: Int) -> WriteOutcome {
        guard !storage.value.isReading else {
            tellReaderLater()
            return gate.accept(weight: weight, elements: elements)
        }
        gate.enter()
        let outcome = gate.accept(weight: weight, elements: elements)
        onReadable?()
        gate.leave()
        return outcome
    }

    /// Where asynchronous readers wait, one for all of them; whoever wants it takes ``onReadable``.
    package func takeSeat() -> ReaderSeat {
        let seat = seat ?? ReaderSeat(scheduler: scheduler)
        self.seat = seat
        onReadable = { seat.waker.wake() }
        return seat
    }

    private func tellReaderLater() {
        guard !isTellingLater else { return }
        isTellingLater = true
        gate.scheduler.onLaterTurn { [self] in
            isTellingLater = false
            if gate.end != nil { tellReader() } else if !storage.value.held.isEmpty { onReadable?() }
        }
    }

    private func tellReader() {
        guard onReadable != nil else { return }
        guard !storage.value.isReading else { return tellReaderLater() }
        let tell = onReadable
        onReadable = nil
        tell?()
    }
}

extension Buffer where Element: Weighted {
    /// Creates a buffer of elements that know their weight; those without content are not queued (C3.4).
    @inlinable
    public convenience init(marks: Watermarks, scheduler: any Scheduler, name: String = "buffer") {
        self.init(marks, Weigher(), scheduler, name)
    }
}

@available(*, unavailable)
extension Buffer: Sendable {}
