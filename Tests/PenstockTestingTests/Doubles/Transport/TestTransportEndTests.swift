import Penstock
import PenstockTesting
import Testing

@Suite("A transport in memory: its ends")
struct TestTransportEndTests {
    @Test("C6.3 finish waits for the producer, for the kernel, and for the peer's FIN, and discards what comes in")
    func finish() throws {
        let rig = TransportRig()
        try rig.receive()
        let producer = StrictProducer()
        try rig.transport.registerProducer(producer)
        rig.transport.finish()
        #expect(rig.write(10) == .room)
        rig.transport.unregisterProducer()
        #expect(rig.write(10) == .closed)
        rig.clock.settle()
        #expect(rig.transport.writeSide == .open)
        rig.transport.kernelTakes(10)
        #expect(rig.transport.writeSide == .finished)
        #expect(!rig.transport.isOver)
        rig.transport.peerSends([1, 2, 3])
        #expect(rig.transport.bytesDiscarded == 3)
        #expect(rig.log == ["inbound done closed locally", "end finished, 0 dropped"])
        rig.transport.peerFinishes()
        #expect(rig.transport.isOver)
        #expect(Array(rig.log.dropFirst(2)) == ["inbound end finished", "close finished"])
        #expect(producer.signals == [])
        try rig.transport.recorder.check(
            "register push > finish > write 10 > unregister > write 10 > FIN"
        )
    }

    @Test("C6.3 The linger bounds the wait for the peer, after a FIN")
    func linger() {
        let rig = TransportRig()
        rig.transport.finish()
        #expect(rig.transport.writeSide == .finished)
        rig.clock.advance(by: .milliseconds(4999))
        #expect(!rig.transport.isOver)
        rig.clock.advance(by: .milliseconds(1))
        #expect(rig.log == ["end finished, 0 dropped", "inbound end lost", "close finished"])
        #expect(rig.transport.writeSide == .finished)
    }

    @Test("C6.3 The deadline turns the graceful end into an abort, and can be set anew")
    func deadline() {
        let rig = TransportRig()
        rig.write(10)
        rig.transport.finish()
        rig.transport.finish()
        rig.clock.advance(by: .seconds(29))
        rig.transport.finish(within: .seconds(3))
        rig.transport.finishWriting()
        rig.clock.advance(by: .seconds(2))
        #expect(!rig.transport.isOver)
        rig.clock.advance(by: .seconds(1))
        #expect(rig.transport.writeSide == .reset)
        #expect(rig.log == ["end timed out, 1 dropped", "inbound end timed out", "close timed out"])
        #expect(rig.transport.gate.end?.detail == "the end waited 3.0 seconds for the kernel to take 10 bytes")
    }

    @Test("C6.4 Half-close ends the write side only; what comes in is delivered")
    func halfClose() throws {
        let rig = TransportRig()
        try rig.receive()
        rig.transport.finishWriting()
        rig.clock.advance(by: .seconds(60))
        #expect(rig.transport.writeSide == .finished)
        #expect(!rig.transport.isOver)
        rig.transport.peerSends([1])
        #expect(rig.inlet.take() == [1])
        rig.transport.peerFinishes()
        #expect(
            rig.log == [
                "end finished, 0 dropped", "inbound end finished", "inbound done finished", "close finished",
            ]
        )
        #expect(rig.transport.recorder.description == "finish writing > FIN")
    }

    @Test("C6.5 An abort resets at once, drops what is held, and tells the owner on a later turn; the first wins")
    func abort() throws {
        let rig = TransportRig()
        let producer = StrictProducer()
        try rig.transport.registerProducer(producer)
        rig.write(101)
        rig.transport.abort(.cancelled)
        rig.transport.abort(.aborted)
        #expect(rig.transport.writeSide == .reset)
        #expect(producer.signals == [.pause, .stop])
        #expect(rig.log == [])
        #expect(rig.transport.peerSends([1]) == 0)
        rig.clock.settle()
        #expect(rig.log == ["end cancelled, 1 dropped", "inbound end cancelled", "close cancelled"])
        #expect(rig.transport.sent == [])
    }

    @Test("C6.5 An abort is never an orderly end, whatever reason it is given")
    func abortInOrder() {
        let rig = TransportRig()
        rig.transport.abort(.finished)
        rig.clock.settle()
        #expect(rig.log == ["end aborted, 0 dropped", "inbound end aborted", "close aborted"])
        #expect(rig.transport.recorder.description == "abort finished > reset")
    }

    @Test("C6.6 A failed transport ends with a reset, never a FIN, behind what was accepted")
    func fails() throws {
        let rig = TransportRig()
        let producer = StrictProducer()
        try rig.transport.registerProducer(producer)
        rig.write(10)
        rig.transport.fail(NetworkError())
        #expect(producer.signals == [.stop])
        #expect(rig.transport.writeSide == .open)
        rig.transport.kernelTakes(10)
        #expect(rig.transport.sent.count == 10)
        #expect(rig.transport.writeSide == .reset)
        rig.clock.settle()
        #expect(rig.log == ["end failed, 0 dropped", "inbound end failed", "close failed"])
        #expect(rig.transport.gate.end?.error as? NetworkError == NetworkError())
    }

    @Test("C6.6 A kernel that takes nothing holds a failed end up no longer than the linger")
    func failsWithoutKernel() {
        let rig = TransportRig()
        rig.write(10)
        rig.transport.fail(NetworkError())
        rig.clock.advance(by: .seconds(5))
        #expect(rig.transport.writeSide == .reset)
        #expect(rig.log.first == "end failed, 1 dropped")
    }

    @Test("C6.2 A reset of the peer: ended, producer stopped, elements dropped, owner told; a successor is stopped")
    func reset() throws {
        let rig = TransportRig()
        let producer = StrictProducer()
        let successor = StrictProducer()
        producer.onStop = { [unowned rig] reason in
            rig.log.append("stop, level \(rig.transport.snapshot.level)")
            try? rig.transport.registerProducer(successor)
        }
        try rig.transport.registerProducer(producer)
        rig.write(60)
        rig.clock.settle()
        rig.transport.kernelTakes(20)
        rig.transport.peerResets(NetworkError())
        #expect(rig.log == ["stop, level 40", "end lost, 1 dropped", "inbound end lost", "close lost"])
        #expect(successor.signals == [.stop])
        #expect(rig.transport.gate.end?.detail == "40 accepted bytes were not sent")
        #expect(rig.write(1) == .closed)
        #expect(rig.transport.kernelTakes(100) == 0)
    }

    @Test("A connection that is refused is lost, before any byte")
    func refused() {
        let rig = TransportRig(isConnected: false)
        rig.write(1)
        rig.transport.peerResets(NetworkError())
        rig.transport.connect()
        #expect(rig.log == ["end lost, 1 dropped", "inbound end lost", "close lost"])
        #expect(rig.transport.sent == [])
    }

    @Test("C1.9 When the connection is over, the transport, its producer and its consumer are released")
    func released() throws {
        let clock = VirtualClock()
        weak var transport: TestTransport?
        weak var producer: StrictProducer?
        weak var sink: NullConsumer<[UInt8]>?
        do {
            let strong = TestTransport(scheduler: clock)
            let registered = StrictProducer()
            let inlet = NullConsumer<[UInt8]>(scheduler: clock)
            (transport, producer, sink) = (strong, registered, inlet)
            try strong.registerProducer(registered)
            try strong.attach(to: inlet)
            strong.write([1])
            strong.finish()
            #expect(!clock.isIdle)
            strong.peerResets()
        }
        clock.settle()
        #expect(clock.isIdle)
        #expect(transport == nil)
        #expect(producer == nil)
        #expect(sink == nil)
    }

    @Test("Who asks late is told all the same")
    func late() {
        let rig = TransportRig()
        rig.transport.peerResets()
        var told: [EndReason.Code] = []
        rig.transport.onInboundEnd = { told.append($0.code) }
        rig.transport.onClose = { told.append($0.code) }
        #expect(told == [.lost, .lost])
    }
}
