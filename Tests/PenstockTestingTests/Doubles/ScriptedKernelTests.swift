import PenstockTesting
import Testing

@Suite("A kernel that takes what the test says")
struct ScriptedKernelTests {
    struct Broken: Error {}

    /// The answer in a word.
    func offer(_ bytes: Int, _ kernel: inout ScriptedKernel) -> String {
        switch kernel.take(bytes) {
        case .took(let bytes): "took \(bytes)"
        case .wouldBlock: "would block"
        case .failed(let error): "failed \(type(of: error))"
        }
    }

    @Test("Without a script it takes all it is offered, as often as it is offered")
    func takesAll() {
        var kernel = ScriptedKernel()
        #expect(offer(1 << 20, &kernel) == "took 1048576")
        #expect(offer(1, &kernel) == "took 1")
        #expect(kernel.taken == 1_048_577)
        #expect(kernel.space == .max)
        kernel.allow(5)
        #expect(kernel.space == .max)
        #expect(kernel.canTakeMore)
    }

    @Test("A script is one step a call; after it, there is the space")
    func script() {
        var kernel = ScriptedKernel([.takes(upTo: 3), .blocks, .takes(upTo: 10)], space: 0)
        #expect(offer(8, &kernel) == "took 3")
        #expect(offer(5, &kernel) == "would block")
        #expect(kernel.canTakeMore)
        #expect(offer(5, &kernel) == "took 5")
        #expect(!kernel.canTakeMore)
        #expect(offer(1, &kernel) == "would block")
        kernel.allow(4)
        #expect(kernel.canTakeMore)
        #expect(offer(9, &kernel) == "took 4")
        #expect(kernel.space == 0)
        #expect(kernel.taken == 12)
    }

    @Test("It takes so many bytes at a time")
    func atATime() {
        var kernel = ScriptedKernel(space: 25, most: 10)
        #expect(offer(100, &kernel) == "took 10")
        #expect(offer(90, &kernel) == "took 10")
        #expect(offer(80, &kernel) == "took 5")
        #expect(offer(75, &kernel) == "would block")
    }

    @Test("A failure lasts, and the first one wins")
    func fails() {
        struct Other: Error {}
        var kernel = ScriptedKernel([.takes(upTo: 1), .fails(Broken()), .takes(upTo: 1)])
        #expect(offer(2, &kernel) == "took 1")
        #expect(offer(1, &kernel) == "failed Broken")
        kernel.fail(Other())
        #expect(offer(1, &kernel) == "failed Broken")
        #expect(kernel.taken == 1)
        #expect(kernel.canTakeMore)
        var healthy = ScriptedKernel(space: 0)
        healthy.fail(Other())
        #expect(offer(1, &healthy) == "failed Other")
    }
}
