import NIOPosix

/// Runs work that blocks on a thread made for it, so that no event loop and no task waits for it.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(work)
}
