import Penstock
import PenstockTesting
import Testing

@Suite("A transport in memory: what goes out")
struct TestTransportWritingTests {
    @Test("Bytes leave at the end of the turn, in their order")
    func leaves() {
        let rig = TransportRig(kernel: ScriptedKernel())
        rig.transport.write([1, 2])
        rig.transport.write(contentsOf: [[3], [], [4, 5]])
        #expect(rig.transport.sent == [])
        rig.clock.runTurn()
        #expect(rig.transport.sent == [1, 2, 3, 4, 5])
        #expect(rig.transport.snapshot.level == 0)
        #expect(rig.transport.recorder.description == "write 2 > write-all 1 0 2")
    }

    @Test("C4.6 The level is exact to the byte, and an element's overhead goes with its last byte")
    func level() {
        let rig = TransportRig(overhead: 64)
        rig.write(10)
        rig.write(20)
        rig.clock.settle()
        #expect(rig.transport.snapshot.level == 158)
        #expect(rig.transport.kernelTakes(9) == 9)
        #expect(rig.transport.snapshot.level == 149)
        rig.transport.kernelTakes(1)
        #expect(rig.transport.snapshot.level == 84)
        rig.transport.kernelTakes(19)
        #expect(rig.transport.snapshot.level == 65)
        #expect(rig.transport.kernelTakes(100) == 1)
        #expect(rig.transport.snapshot.level == 0)
    }

    @Test("A kernel's script is followed: so many bytes at a time, and again after it blocked")
    func script() {
        let kernel = ScriptedKernel([.takes(upTo: 3), .blocks, .takes(upTo: 3), .blocks], space: 4, most: 2)
        let rig = TransportRig(kernel: kernel)
        rig.write(12)
        var sent: [Int] = []
        for _ in 0..<5 {
            rig.clock.runTurn()
            sent.append(rig.transport.sent.count)
        }
        #expect(sent == [3, 6, 10, 10, 10])
        #expect(rig.clock.isIdle)
    }

    @Test("C3.4 An empty element answers a question and is not queued")
    func empty() throws {
        let rig = TransportRig()
        let producer = StrictPullProducer()
        try rig.transport.registerProducer(producer)
        producer.answered()
        #expect(rig.write(0) == .room)
        #expect(producer.questions == 1)
        rig.clock.settle()
        #expect(producer.questions == 2)
        producer.answered()
        #expect(rig.transport.write(contentsOf: [[], []]) == .room)
        rig.clock.settle()
        #expect(producer.questions == 3)
        #expect(rig.transport.snapshot.delivery.accepted.elements == 0)
        #expect(producer.violations == [])
    }

    @Test("The producer that is registered can be seen, and whom it was told of")
    func producer() throws {
        let rig = TransportRig()
        #expect(rig.transport.producer == nil)
        let producer = StrictProducer()
        try rig.transport.registerProducer(producer)
        #expect(rig.transport.producer === producer)
        #expect(throws: RegistrationError.alreadyRegistered) {
            try rig.transport.registerProducer(StrictPullProducer())
        }
        rig.write(101)
        rig.transport.finish()
        try rig.transport.registerProducer(StrictPullProducer())
        #expect(rig.transport.producer === producer)
        rig.transport.unregisterProducer()
        #expect(rig.transport.producer == nil)
        try rig.transport.recorder.check(
            """
            register push > register pull > already registered > write 101 > pause > finish
            > register pull > stop finished > unregister
            """
        )
    }

    @Test("C4.4 A successor that is registered inside the pause of a registration is the producer then")
    func successor() throws {
        let rig = TransportRig()
        rig.write(101)
        let first = StrictProducer()
        let second = StrictPullProducer()
        first.onPause = { [unowned rig] in
            rig.transport.unregisterProducer()
            try? rig.transport.registerProducer(second)
        }
        try rig.transport.registerProducer(first)
        #expect(rig.transport.producer === second)
        rig.transport.kernelTakes(101)
        #expect(second.questions == 1)
        #expect(first.signals == [.pause])
    }

    @Test("C1.4 While connecting, elements are held, a push producer is paused, and a pull producer waits")
    func connecting() throws {
        let rig = TransportRig(isConnected: false, kernel: ScriptedKernel())
        let push = StrictProducer()
        try rig.transport.registerProducer(push)
        #expect(rig.write(101) == .full)
        rig.clock.settle()
        #expect(push.signals == [.pause])
        #expect(rig.transport.sent == [])
        rig.transport.unregisterProducer()
        let pull = StrictPullProducer()
        try rig.transport.registerProducer(pull)
        #expect(pull.questions == 0)
        rig.transport.connect()
        #expect(rig.transport.sent.count == 101)
        #expect(pull.questions == 1)
    }

    @Test("C10.3 A writer that does not obey meets the hard limit, and the connection is reset")
    func overflow() {
        let rig = TransportRig { $0.limit = 200 }
        #expect(rig.write(201) == .full)
        #expect(rig.write(1) == .closed)
        #expect(rig.transport.writeSide == .reset)
        rig.clock.settle()
        #expect(rig.log == ["end overflow, 1 dropped", "inbound end overflow", "close overflow"])
    }

    @Test("C6.2 A kernel that fails loses the connection, and what it took before counts as sent")
    func kernelFails() throws {
        let kernel = ScriptedKernel([.takes(upTo: 70), .fails(NetworkError())])
        let rig = TransportRig(kernel: kernel)
        let producer = StrictProducer()
        try rig.transport.registerProducer(producer)
        producer.onStop = { [unowned rig] in
            rig.log.append("stop \($0.code), \(rig.transport.isOver)")
            #expect($0.error as? NetworkError == NetworkError())
            #expect(rig.transport.producer == nil)
        }
        rig.write(101)
        rig.clock.settle()
        #expect(rig.transport.sent.count == 70)
        #expect(producer.signals == [.pause, .stop])
        #expect(rig.log == ["stop lost, true", "end lost, 1 dropped", "inbound end lost", "close lost"])
        #expect(rig.transport.snapshot.delivery.dropped == Delivery.Amount(elements: 1, weight: 31))
        #expect(rig.transport.writeSide == .lost)
    }
}
