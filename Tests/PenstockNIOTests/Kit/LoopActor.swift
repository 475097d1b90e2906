import NIOCore
import NIOPosix
import Penstock
import PenstockTesting
import Testing

@testable import PenstockNIO

/// Runs the suites of the kit on an event loop, where the subjects live.
actor LoopActor {
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    private let eventLoop: any EventLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    init() { eventLoop = Self.group.next() }

    /// Tries a rule on every subject that it concerns, side by side: most of the time each waits for its socket.
    static func expect(_ rule: ContractRule, keptBy subjects: [KitSubject]) async {
        await withTaskGroup { group in
            for subject in subjects where subject.rules.contains(rule) {
                group.addTask { await LoopActor().expect(rule, keptBy: subject) }
            }
        }
    }

    /// Tries a rule on a fresh subject for each check, and records what is broken.
    private func expect(_ rule: ContractRule, keptBy subject: KitSubject) async {
        // On a loaded machine a turn may take long, and the suites look at what a call brings before it returns.
        EventLoopScheduler.current(on: eventLoop).turn.timePerTurn = .seconds(10)
        guard case .broken(let breaches) = await subject.verdict(rule, eventLoop) else { return }
        for breach in breaches { Issue.record(breach, "\(subject.name)") }
    }
}
