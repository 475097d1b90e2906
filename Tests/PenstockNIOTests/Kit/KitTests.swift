import PenstockTesting
import Testing

/// What opens no socket, so it needs no place among those that do.
@Suite("The kit on scripted channels and on files")
struct KitTests {
    @Test(arguments: KitSubject.rules(of: KitSubject.others))
    func keep(_ rule: ContractRule) async {
        await LoopActor.expect(rule, keptBy: KitSubject.others)
    }
}

extension Sockets {
    @Suite("The kit on sockets")
    struct SocketKitTests {
        @Test(arguments: KitSubject.rules(of: KitSubject.onSockets))
        func keep(_ rule: ContractRule) async {
            await LoopActor.expect(rule, keptBy: KitSubject.onSockets)
        }
    }
}
