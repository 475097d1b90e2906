import NIOCore
import NIOPosix
import PenstockTesting

/// Runs the suites of the kit on an event loop, where the transports live that they are about.
actor LoopActor {
    let eventLoop: any EventLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    init() { eventLoop = MultiThreadedEventLoopGroup.singleton.next() }

    /// Tries one rule on a fresh transport of this kind for each check.
    func verdict(on rule: ContractRule, of subject: SocketSubject) async -> RuleVerdict {
        await subject.suite(on: eventLoop).verdict(on: rule)
    }
}
