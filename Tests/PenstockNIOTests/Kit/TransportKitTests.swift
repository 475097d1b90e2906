import NIOCore
import PenstockTesting
import Testing

/// Opens no socket, so it needs no place among those that do.
@Suite("The kit on a transport with a scripted kernel")
struct ScriptedChannelKitTests {
    /// On one thread, as the embedded loop demands.
    @Test(arguments: TransportSuite<ByteBuffer>.rules)
    @MainActor
    func keeps(_ rule: ContractRule) async {
        if case .broken(let breaches) = await ScriptedChannelSubject.suite.verdict(on: rule) {
            for breach in breaches { Issue.record(breach) }
        }
    }
}

extension Sockets {
    @Suite("The kit on transports on sockets")
    struct TransportKitTests {
        @Test(arguments: SocketSubject.allCases, TransportSuite<ByteBuffer>.rules)
        func keeps(_ subject: SocketSubject, _ rule: ContractRule) async throws {
            if case .broken(let breaches) = await LoopActor().verdict(on: rule, of: subject) {
                for breach in breaches { Issue.record(breach) }
            }
        }
    }
}
