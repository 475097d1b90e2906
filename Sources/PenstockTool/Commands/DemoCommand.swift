import ArgumentParser
import Penstock
import PenstockNIO
import UnixSignals

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows back-pressure at work on loopback, and checks the result, in about 20 seconds.",
        discussion: """
            Starts a server of random numbers (push), a server of a file (pull) and a relay before each. Then come a fast client, \
            a slow one, one that stops reading for a while, and one that resets the connection in the middle. The table shows \
            for each of the two hops of a stream whether its producer runs or for whom it waits, how much is held (level, peak), \
            the rate, and how often it was paused. At the end everything that was to arrive must have arrived, byte for byte, \
            no level may have been higher than the contract allows, and every descriptor must be closed.

            Example:
              penstock demo
              penstock demo --high 256k --chunk 64k
            """
    )

    @OptionGroup var flow: FlowOptions

    func run() async throws {
        let signals = await TerminationSignals()
        let demo = Demo(plan: .standard, transport: flow.transport, chunkSize: flow.chunkSize)
        let verdicts = try await withThrowingTaskGroup(of: [DemoVerdict].self) { group in
            group.addTask { try await demo.run() }
            group.addTask {
                guard let signal = await signals.next() else { return [] }
                throw Failure(.interrupted(by: signal), "interrupted")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
        for verdict in verdicts { Console.shared.print("\(verdict)") }
        let failed = verdicts.filter { !$0.holds }
        guard failed.isEmpty, !verdicts.isEmpty else {
            throw Failure(.failed, "the demo failed: \(failed.map(\.subject).joined(separator: ", "))")
        }
        Console.shared.print("the demo passed")
    }
}
