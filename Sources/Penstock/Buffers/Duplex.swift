/// One end of a bounded pair of transports in memory: what is written to one end comes in at the other.
///
/// Elements cross on a later turn of the scheduler, as they would through a kernel, so two ends that answer each other
/// never nest. The level of an end counts what was written to it and has not been delivered at the other.
public final class Duplex<Element>: Transport, GatedConsumer {
    /// What is written to one end is what the other produces.
    public typealias Output = Element

    private let outbound: DuplexLane<Element>
    private let inbound: DuplexLane<Element>

    /// Creates the two ends.
    ///
    /// - Parameters:
    ///   - marks: When each end pauses and resumes its producer.
    ///   - weight: What an element costs, at least 1.
    ///   - scheduler: Serves the isolation domain of both ends.
    ///   - name: Shown in snapshots, with "left" or "right".
    public static func pair(
        marks: Watermarks,
        weight: @escaping (Element) -> Int,
        scheduler: any Scheduler,
        name: String = "duplex"
    ) -> (left: Duplex, right: Duplex) {
        pair(marks, Weigher(weight), scheduler, name)
    }

    private static func pair(
        _ marks: Watermarks,
        _ weigher: Weigher<Element>,
        _ scheduler: any Scheduler,
        _ name: String
    ) -> (left: Duplex, right: Duplex) {
        let toRight = DuplexLane(marks, weigher, scheduler, "\(name) left")
        let toLeft = DuplexLane(marks, weigher, scheduler, "\(name) right")
        toRight.opposite = toLeft
        toLeft.opposite = toRight
        return (Duplex(outbound: toRight, inbound: toLeft), Duplex(outbound: toLeft, inbound: toRight))
    }

    private init(outbound: DuplexLane<Element>, inbound: DuplexLane<Element>) {
        self.outbound = outbound
        self.inbound = inbound
    }

    /// Unknown: the other end decides.
    public var expectedWeight: Int? { nil }

    // MARK: Outbound

    /// The outbound side: marks, holds, observer, `onEnd`.
    ///
    /// It outlives this end if the other one has still to get what was written, so its owner is not this object.
    public var gate: Gate { outbound.gate }

    /// Writes an element to the other end.
    @discardableResult
    public func write(_ element: consuming Element) -> WriteOutcome { outbound.write(element) }

    /// Writes several elements to the other end, as one decision.
    @discardableResult
    public func write(contentsOf elements: some Sequence<Element>) -> WriteOutcome {
        outbound.write(contentsOf: elements)
    }

    /// Ends both sides gracefully, within 30 seconds.
    public func finish() { finish(within: .seconds(30)) }

    /// Ends both sides gracefully; what still comes in is counted and discarded.
    public func finish(within deadline: Duration?) {
        inbound.stopReading(EndReason(.closedLocally))
        outbound.finish(within: deadline)
    }

    /// Ends the write side gracefully; reading goes on.
    public func finishWriting() { gate.finish() }

    /// The write side has ended in order, or with an error behind what was held.
    public func gateDrained(_ reason: EndReason) { outbound.gateDrained(reason) }

    /// Ends both ends now: what is held here is dropped, and the other end is lost.
    public func abort(_ reason: EndReason) { outbound.abort(reason) }

    /// Drops what has not been delivered.
    public func discardHeld() -> Int { outbound.discardHeld() }

    // MARK: Inbound

    /// How many elements came in and were discarded, because nobody wanted them any more (C7.7).
    public var discarded: Int { inbound.discarded }

    /// Told once when no more comes in: the other end has finished, or failed or been aborted with this reason.
    public var onInboundEnd: ((EndReason) -> Void)? {
        get { inbound.onEnd }
        set { inbound.onEnd = newValue }
    }

    /// Registers with the consumer and delivers what has come in.
    public func attach(
        to consumer: any Consumer<Element>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try inbound.outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
        inbound.proceed()
    }

    /// Delivers nothing more until the resume.
    public func pauseProducing() { inbound.outlet.paused() }

    /// Goes on delivering.
    public func resumeProducing() {
        inbound.outlet.resumed()
        inbound.proceed()
    }

    /// Ends delivery for good; what comes in is counted and discarded, and the write side goes on (C7.7).
    public func stopProducing(_ reason: EndReason) {
        inbound.outlet.stopped(reason)
        inbound.discard()
    }
}

extension Duplex where Element: Weighted {
    /// Creates the two ends, for elements that know their weight; those without content do not cross (C3.4).
    public static func pair(
        marks: Watermarks,
        scheduler: any Scheduler,
        name: String = "duplex"
    ) -> (left: Duplex, right: Duplex) {
        pair(marks, Weigher(), scheduler, name)
    }
}

@available(*, unavailable)
extension Duplex: Sendable {}
