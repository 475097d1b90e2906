import DequeModule
public import NIOCore
public import Penstock

/// A channel with codecs of somebody else's as a consumer of the elements that go out and a push producer of those that come
/// in: HTTP parts, WebSocket frames, messages of any kind.
///
/// It is lent by `installElements` and stays on the event loop of the channel.
///
/// **Outbound.** The level is the weight of the elements whose write promises are not fulfilled, so every layer counts that
/// keeps promises: codecs, TLS, the channel. Writes are flushed as they are made.
///
/// **Inbound.** Nothing is delivered after a pause (C7.1): reading is held back by the outbound `read` event, and what a codec
/// still had is kept, in order.
///
/// ``finish()`` ends the write side of the channel behind everything that was accepted, and the channel once the other side has
/// ended, too. How a codec wants a stream to end, as by a last HTTP part, it has to be told by an element.
public final class ChannelElements<Inbound, Outbound>: GatedConsumer, Source, PushProducer {
    /// What goes out.
    public typealias Element = Outbound
    /// What comes in.
    public typealias Output = Inbound

    /// The outbound side: marks, holds, observer, meters.
    public let gate: Gate
    /// The channel.
    public let channel: any Channel
    /// Unknown: the peer decides.
    public var expectedWeight: Int? { nil }

    private let weight: (Outbound) -> Int
    private let outlet: Outlet<Inbound>
    private var context: ChannelHandlerContext?
    private var held: Deque<Inbound> = []
    private var inboundEnd: EndReason?
    private var lastError: (any Error)?
    private var isDelivering = false
    private var isReadHeld = false
    private var discardsInbound = false
    private var pending = 0

    init(channel: any Channel, marks: Watermarks, weight: @escaping (Outbound) -> Int) {
        self.channel = channel
        self.weight = weight
        let scheduler = EventLoopScheduler.current(on: channel.eventLoop)
        outlet = Outlet(scheduler: scheduler)
        let limit = FlowControl.defaultLimit(for: marks)
        gate = Gate(name: "channel", flow: FlowControl(marks: marks, limit: limit), scheduler: scheduler)
        gate.owner = self
    }

    // MARK: Outbound

    /// Writes an element into the pipeline, and flushes.
    @discardableResult
    public func write(_ element: consuming Outbound) -> WriteOutcome {
        let weight = self.weight(element)
        precondition(weight > 0, "an element weighs at least 1")
        guard gate.admits(weight: weight) else { return .closed }
        gate.store(weight: weight)
        // Before the signals: what the channel takes at once causes no pause.
        gate.enter()
        pass(element, weight)
        context?.flush()
        gate.leave()
        return gate.settle()
    }

    /// Writes several elements as one decision, and flushes once (C3.5).
    @discardableResult
    public func write(contentsOf elements: some Sequence<Outbound>) -> WriteOutcome {
        guard gate.flow.isTaking, gate.admits(weight: 0, elements: 0) else {
            if !gate.flow.isTaking { for element in elements { _ = gate.admits(weight: weight(element)) } }
            return .closed
        }
        let all = elements.map { (element: $0, weight: weight($0)) }
        guard !all.isEmpty else { return gate.settle() }
        gate.store(weight: all.reduce(0) { $0 + $1.weight }, elements: all.count)
        gate.enter()
        for (element, weight) in all { pass(element, weight) }
        context?.flush()
        gate.leave()
        return gate.settle()
    }

    private func pass(_ element: Outbound, _ weight: Int) {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        pending += 1
        promise.futureResult.assumeIsolated().whenComplete { [self] result in
            pending -= 1
            guard gate.end == nil else { return }
            switch result {
            case .success: gate.drain(weight: weight)
            // A channel that has closed says so itself; one that is open has refused this element for good.
            case .failure(let error): if channel.isActive { abort(.failed(error)) }
            }
        }
        guard let context else { return promise.fail(ChannelError.ioOnClosedChannel) }
        context.write(NIOAny(element), promise: promise)
    }

    /// Everything accepted has been taken: ends the write side, or the whole channel behind an error.
    public func gateDrained(_ reason: EndReason) {
        gate.end(reason)
        guard reason.isOrderly, inboundEnd == nil else { return close() }
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenFailure { [self] _ in close() }
        channel.close(mode: .output, promise: promise)
    }

    /// Ends now, and closes the channel.
    public func abort(_ reason: EndReason) {
        gate.end(reason.abortive, telling: .later)
        endInbound(reason.abortive)
        close()
    }

    /// What was handed to the pipeline and not taken is lost with the channel.
    public func discardHeld() -> Int { max(pending, 1) }

    private func close() { context?.close(promise: nil) }

    // MARK: Inbound

    /// Registers with the consumer and delivers what comes in.
    public func attach(
        to consumer: any Consumer<Inbound>,
        atEnd: EndPolicy,
        done: @escaping (FlowResult) -> Void
    ) throws(RegistrationError) {
        try outlet.attach(self, to: consumer, atEnd: atEnd, done: done)
        deliver()
    }

    /// Delivers nothing more until the resume.
    public func pauseProducing() { outlet.paused() }

    /// Delivers what has come in meanwhile, then the end if there is one, and goes on reading.
    public func resumeProducing() {
        outlet.resumed()
        deliver()
    }

    /// Ends reading for good: later input is read and discarded; the write side goes on (C7.7).
    public func stopProducing(_ reason: EndReason) {
        outlet.stopped(reason)
        discardsInbound = true
        held.removeAll()
        deliver()
    }

    private func deliver() {
        guard !isDelivering else { return }
        isDelivering = true
        while outlet.isOpen, let element = held.popFirst() { outlet.write(element) }
        isDelivering = false
        guard held.isEmpty, outlet.isOpen || discardsInbound else { return }
        if let inboundEnd {
            outlet.end(inboundEnd)
        } else if isReadHeld {
            isReadHeld = false
            context?.read()
        }
    }

    private func endInbound(_ reason: EndReason) {
        guard inboundEnd == nil else { return }
        inboundEnd = reason
        deliver()
    }

    // MARK: What the channel says

    fileprivate func added(_ context: ChannelHandlerContext) { self.context = context }

    fileprivate func removed() {
        inactive()
        context = nil
    }

    fileprivate func received(_ element: Inbound) {
        guard !discardsInbound else { return }
        held.append(element)
        deliver()
    }

    fileprivate func mayRead() -> Bool {
        if discardsInbound || (outlet.isOpen && held.isEmpty) { return true }
        isReadHeld = true
        return false
    }

    fileprivate func inputClosed() {
        endInbound(.finished)
        if gate.end != nil { close() }
    }

    fileprivate func failed(_ error: any Error) { lastError = lastError ?? error }

    fileprivate func inactive() {
        let lost = EndReason(.lost, error: lastError, detail: "the channel was closed")
        let isOrderly = gate.end?.isOrderly == true && lastError == nil
        gate.end(lost)
        endInbound(isOrderly ? .finished : lost)
    }
}

/// Sits at the end of a pipeline, behind the codecs.
private final class ElementsHandler<Inbound, Outbound>: ChannelDuplexHandler {
    typealias InboundIn = Inbound
    typealias OutboundIn = Outbound
    typealias OutboundOut = Outbound

    private let elements: ChannelElements<Inbound, Outbound>

    init(_ elements: ChannelElements<Inbound, Outbound>) { self.elements = elements }

    func handlerAdded(context: ChannelHandlerContext) { elements.added(context) }

    func handlerRemoved(context: ChannelHandlerContext) { elements.removed() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { elements.received(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) {
        elements.inactive()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { elements.inputClosed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { elements.failed(error) }

    func read(context: ChannelHandlerContext) {
        if elements.mayRead() { context.read() }
    }
}

extension Channel {
    /// Adds a consumer and producer of elements to the end of this channel's pipeline, behind its codecs, and lends it to a
    /// closure on the event loop.
    ///
    /// - Parameters:
    ///   - inbound: What the codecs produce.
    ///   - outbound: What they take.
    ///   - marks: When the producer of what goes out is paused and resumed.
    ///   - weight: What an element costs, at least 1; called once for each element.
    ///   - body: Called once.
    /// - Precondition: Called on the channel's event loop.
    public func installElements<Inbound, Outbound>(
        of inbound: Inbound.Type = Inbound.self,
        _ outbound: Outbound.Type = Outbound.self,
        marks: Watermarks = .bytes,
        weight: @escaping (Outbound) -> Int,
        _ body: (ChannelElements<Inbound, Outbound>) throws -> Void
    ) throws {
        let elements = ChannelElements<Inbound, Outbound>(channel: self, marks: marks, weight: weight)
        try pipeline.syncOperations.addHandler(ElementsHandler(elements))
        try body(elements)
    }
}

@available(*, unavailable)
extension ChannelElements: Sendable {}

@available(*, unavailable)
extension ElementsHandler: Sendable {}
