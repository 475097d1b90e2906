/// A stage that cuts a stream of bytes into lines.
///
/// A line ends with LF or CR LF, which are removed; a last line without an end counts when the stream finishes. Lines are
/// delivered one by one: paused inside a line, the stage delivers no further line of the same chunk until it is resumed,
/// and a write from inside a delivery never overtakes. Stopped inside one, it delivers nothing more.
///
/// What is delivered is a ``Line``, not its bare bytes, so that an empty line arrives like any other. A ``Map`` makes bytes of
/// lines again, where they are to be written to a transport.
///
/// A line longer than the maximum ends the stream with ``LineTooLong``, after all lines before it.
public final class LineFramer<Chunk: ByteChunk>: Stage {
    /// Bytes come in.
    public typealias Element = Chunk
    /// A line without its end goes out.
    public typealias Output = Line<Chunk>

    /// The consuming side: marks, holds, observer, `onEnd`.
    public let gate: Gate
    /// The producing side.
    public let outlet: Outlet<Line<Chunk>>
    /// The most bytes a line may have, without its end.
    public let maximumLength: Int

    private var rest = Chunk()
    private var scanned = 0
    private var accounted = 0
    private var isPumping = false
    private var lastReason: EndReason?

    /// Creates a framer.
    ///
    /// - Parameters:
    ///   - maximumLength: The most bytes a line may have, without its end.
    ///   - marks: When to pause and when to resume the producer. Both are raised by the room that one unfinished line
    ///     may need, since waiting for the rest of a line must not stop the producer that brings it.
    ///   - scheduler: Serves the isolation domain of the framer.
    ///   - name: Shown in snapshots.
    public init(
        maximumLength: Int,
        marks: Watermarks = .bytes,
        scheduler: any Scheduler,
        name: String = "lines"
    ) {
        precondition(maximumLength >= 0, "a line has at least 0 bytes, not \(maximumLength)")
        self.maximumLength = maximumLength
        // The unfinished line, its CR, and the entry it is held in.
        let line = maximumLength + 1 + entryOverhead
        let raised = Watermarks(low: marks.low + line, high: marks.high + line)
        gate = Gate(name: name, flow: FlowControl(marks: raised), scheduler: scheduler)
        outlet = Outlet(scheduler: scheduler)
        gate.owner = self
        gate.hold(.downstream)
    }

    /// Takes bytes in and delivers the lines they complete.
    @discardableResult
    public func write(_ element: consuming Chunk) -> WriteOutcome {
        take(element, elements: 1)
    }

    /// Takes several chunks in, as one.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Chunk>) -> WriteOutcome {
        var whole = Chunk()
        var count = 0
        var isNothing = true
        for element in elements {
            isNothing = false
            guard element.byteCount > 0 else { continue }
            whole.append(element)
            count += 1
        }
        guard isNothing else { return take(whole, elements: count) }
        return gate.flow.isTaking ? gate.settle() : .closed
    }

    private func take(_ element: Chunk, elements: Int) -> WriteOutcome {
        let count = element.byteCount
        guard count > 0 else { return gate.acceptEmpty() }  // C3.4
        let weight = count + (rest.byteCount == 0 ? entryOverhead : 0)
        guard gate.admits(weight: weight, elements: elements) else { return .closed }
        if rest.byteCount == 0 { rest = element } else { rest.append(element) }
        accounted += weight
        gate.store(weight: weight, elements: elements)
        pump()
        return gate.settle()
    }

    /// Delivers held lines while the consumer has room.
    public func pump() {
        guard !isPumping, gate.end == nil else { return }
        isPumping = true
        gate.enter()
        do {
            while outlet.isOpen, gate.end == nil, let line = try nextLine() {
                outlet.write(Line(line))
                settleLevel()
            }
        } catch {
            failBothSides(error)
        }
        // A signal given here may bring another chunk, which must not be left lying.
        isPumping = false
        gate.leave()
    }

    /// The unfinished line becomes the last one, or is dropped if the stream failed.
    public func gateDraining(_ reason: EndReason) {
        lastReason = reason
        pump()
    }

    /// Drops what is held, as one element.
    public func discardHeld() -> Int {
        let held = heldWeight
        // The lines that were handed on have come out, and their consumer answers for them (C3.1).
        if accounted > held { gate.drain(weight: accounted - held) }
        rest = Chunk()
        scanned = 0
        accounted = 0
        return held > 0 ? 1 : 0
    }

    private static var lineFeed: UInt8 { 0x0A }
    private static var carriageReturn: UInt8 { 0x0D }

    /// Cuts the next line off; nil if there is none yet.
    private func nextLine() throws(LineTooLong) -> Chunk? {
        guard let end = rest.firstOffset(of: Self.lineFeed, from: scanned) else {
            scanned = rest.byteCount
            // One more byte than the maximum may be the CR of an end that is still to come.
            guard rest.byteCount <= maximumLength + (lastReason == nil ? 1 : 0) else { throw tooLong }
            return lastLine()
        }
        let hasReturn = end > 0 && rest.byte(at: end - 1) == Self.carriageReturn
        let length = hasReturn ? end - 1 : end
        guard length <= maximumLength else { throw tooLong }
        scanned = 0
        let line = rest.removePrefix(length)
        _ = rest.removePrefix(hasReturn ? 2 : 1)
        return line
    }

    /// Once no more bytes come: what has no end is a line too, unless the stream failed in the middle of it.
    private func lastLine() -> Chunk? {
        guard let lastReason, rest.byteCount > 0 else { return nil }
        scanned = 0
        let line = rest.removePrefix(rest.byteCount)
        if lastReason.isOrderly { return line }
        let weight = accounted
        accounted = 0
        gate.drop(weight: weight, elements: 1)
        return nil
    }

    private var tooLong: LineTooLong { LineTooLong(maximumLength: maximumLength) }

    /// What the unfinished line and what has not been delivered weigh.
    private var heldWeight: Int { rest.byteCount == 0 ? 0 : rest.byteCount + entryOverhead }

    /// Brings the level down to what is still held.
    private func settleLevel() {
        guard gate.end == nil else { return }
        let held = heldWeight
        let taken = accounted - held
        accounted = held
        if taken > 0 { gate.drain(weight: taken) }
    }
}

@available(*, unavailable)
extension LineFramer: Sendable {}
