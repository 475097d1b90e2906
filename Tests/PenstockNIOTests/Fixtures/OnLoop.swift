import NIOCore

/// Something that lives on an event loop, and is visited there by a test that does not.
struct OnLoop<Value>: Sendable {
    let eventLoop: any EventLoop
    fileprivate let bound: NIOLoopBound<Value>

    /// Called on the loop.
    init(_ value: Value, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        bound = NIOLoopBound(value, eventLoop: eventLoop)
    }

    /// Visits the value on its loop.
    @discardableResult
    func callAsFunction<Result: Sendable>(
        _ body: @escaping @Sendable (Value) throws -> Result
    ) async throws -> Result {
        try await eventLoop.submit { try body(bound.value) }.get()
    }

    /// Returns once the condition holds; it is looked at again in each turn of the loop that comes after a short while.
    func until(_ condition: @escaping @Sendable (Value) -> Bool) async throws {
        while try await !eventLoop.submit({ condition(bound.value) }).get() {
            try await eventLoop.scheduleTask(in: .microseconds(500)) {}.futureResult.get()
        }
    }
}

extension OnLoop {
    /// Makes something on a loop.
    static func on(
        _ eventLoop: any EventLoop,
        make: @escaping @Sendable (any EventLoop) throws -> Value
    ) async throws -> OnLoop {
        try await eventLoop.submit { OnLoop(try make(eventLoop), eventLoop: eventLoop) }.get()
    }
}

extension OnLoop {
    /// Visits the value from something else that lives on the same loop.
    func visit<Result>(_ body: (Value) -> Result) -> Result { body(bound.value) }
}
