import Penstock
import PenstockTesting
import Testing

@Suite("A transport in memory: what comes in")
struct TestTransportReadingTests {
    @Test("C7.1 Nothing is delivered after a pause, and all of it after the resume, in order")
    func pauses() throws {
        let rig = TransportRig()
        try rig.receive()
        rig.transport.peerSends([1, 2, 3, 4, 5])
        rig.transport.peerSends([6])
        rig.transport.peerSends([7])
        #expect(rig.inlet.count == 1)
        #expect(rig.transport.inboundLevel == 2)
        #expect(rig.inlet.take() == [1, 2, 3, 4, 5])
        #expect(rig.inlet.take() == [6])
        #expect(rig.inlet.take() == [7])
        #expect(rig.transport.inboundPeak == 2)
        #expect(rig.transport.bytesReceived == 7)
        #expect(rig.transport.recorder.description == "inbound pause > inbound resume")
    }

    @Test("C7.2 That the peer has finished is told at once, and to a paused consumer behind what came before")
    func finishes() throws {
        let rig = TransportRig()
        try rig.receive()
        rig.transport.peerSends([1, 2, 3, 4, 5])
        rig.transport.peerSends([6])
        rig.transport.peerFinishes()
        rig.transport.peerFinishes()
        #expect(rig.log == ["inbound end finished"])
        #expect(rig.inlet.snapshot.phase == .open)
        #expect(rig.inlet.take()?.count == 5)
        #expect(rig.log == ["inbound end finished", "inbound done finished"])
        #expect(rig.inlet.take() == [6])
        #expect(rig.inlet.end?.isOrderly == true)
        #expect(!rig.transport.isOver)
        #expect(rig.write(3) == .room)
    }

    @Test("C7.2 A paused consumer is not told the end, although nothing waits before it", arguments: [true, false])
    func endWhilePaused(inOrder: Bool) throws {
        let rig = TransportRig()
        try rig.receive()
        rig.transport.peerSends([1, 2, 3, 4, 5])
        if inOrder { rig.transport.peerFinishes() } else { rig.transport.peerResets() }
        #expect(rig.inlet.snapshot.phase == .open)
        #expect(rig.transport.recorder.description == "inbound pause")
        _ = rig.inlet.take()
        rig.clock.settle()
        #expect(rig.inlet.end?.code == (inOrder ? .finished : .lost))
    }

    @Test("C7.2, C7.4 After a loss, the resume delivers what came before, then the error")
    func resets() throws {
        let rig = TransportRig()
        try rig.receive()
        rig.transport.peerSends([1, 2, 3, 4, 5])
        rig.transport.peerSends([6])
        rig.transport.peerResets(NetworkError())
        #expect(rig.log == ["end lost, 0 dropped", "inbound end lost", "close lost"])
        #expect(rig.inlet.take()?.count == 5)
        #expect(rig.inlet.take() == [6])
        #expect(rig.inlet.end?.code == .lost)
        rig.transport.resumeProducing()
        #expect(rig.log.count == 4)
    }

    @Test("C7.5, C7.6 What comes in while nobody consumes waits, up to the receive window")
    func window() throws {
        let rig = TransportRig { $0.receiveWindow = 3 }
        #expect(rig.transport.peerSends([1, 2]) == 2)
        #expect(rig.transport.peerSends([3, 4]) == 1)
        #expect(rig.transport.peerSends([4]) == 0)
        #expect(rig.transport.inboundLevel == 3)
        try rig.receive()
        #expect(rig.inlet.count == 2)
        #expect(rig.transport.peerSends([4]) == 1)
        #expect(rig.transport.bytesReceived == 4)
    }

    @Test("C7.3 Without half-close the peer's end ends the connection, behind what was accepted, with a FIN")
    func noHalfClosure() throws {
        let rig = TransportRig { $0.allowsHalfClosure = false }
        let producer = StrictProducer()
        try rig.transport.registerProducer(producer)
        rig.write(10)
        rig.transport.peerFinishes()
        rig.transport.peerFinishes()
        #expect(producer.signals == [.stop])
        #expect(producer.stopReason?.code == .peerFinished)
        rig.transport.kernelTakes(10)
        #expect(rig.transport.writeSide == .finished)
        #expect(rig.log == ["inbound end finished", "end peer finished, 0 dropped", "close finished"])
    }

    @Test("C7.7 A consumer that ends stops the reading: later input is discarded, and the write side goes on")
    func stopped() throws {
        let rig = TransportRig()
        try rig.receive()
        rig.transport.peerSends([1, 2, 3, 4, 5])
        rig.transport.peerSends([6])
        rig.inlet.abort(.cancelled)
        rig.transport.peerSends([7])
        #expect(rig.transport.bytesDiscarded == 2)
        #expect(rig.log == ["inbound done cancelled"])
        rig.write(5)
        rig.clock.settle()
        #expect(rig.transport.kernelTakes(5) == 5)
        #expect(rig.transport.recorder.description == "inbound pause > inbound stop cancelled > write 5")
    }

    @Test("What comes in inside a delivery is delivered behind it, the end included")
    func nested() throws {
        let rig = TransportRig()
        let sink = NullConsumer<[UInt8]>(weight: { max(1, $0.count) }, scheduler: rig.clock)
        var seen: [[UInt8]] = []
        sink.onElement = { [unowned rig] bytes in
            if bytes == [1] {
                rig.transport.peerSends([2])
                rig.transport.peerFinishes()
            }
            seen.append(bytes)
        }
        try rig.transport.attach(to: sink)
        rig.transport.peerSends([1])
        #expect(seen == [[1], [2]])
        #expect(sink.end?.isOrderly == true)
    }

    @Test("A transport echoes to its peer, with both sides of the contract")
    func echo() throws {
        let rig = TransportRig(marks: Watermarks(low: 2, high: 4))
        try rig.transport.attach(to: rig.transport)
        for byte in 1...9 { rig.transport.peerSends([UInt8(byte)]) }
        rig.clock.settle()
        #expect(rig.transport.snapshot.level == 5)
        #expect(rig.transport.inboundLevel == 4)
        rig.transport.peerFinishes()
        for _ in 0..<9 {
            rig.transport.kernelTakes(1)
            rig.clock.settle()
        }
        #expect(rig.transport.sent == Array(1...9))
        #expect(rig.transport.writeSide == .finished)
        #expect(rig.transport.isOver)
        #expect(rig.log == ["inbound end finished", "end finished, 0 dropped", "close finished"])
    }

    @Test("A peer cannot send before it is connected or after it has finished")
    func impossible() async {
        await #expect(processExitsWith: .failure) { TransportRig(isConnected: false).transport.peerSends([1]) }
        await #expect(processExitsWith: .failure) { TransportRig(isConnected: false).transport.peerFinishes() }
        await #expect(processExitsWith: .failure) {
            let rig = TransportRig()
            rig.transport.peerFinishes()
            rig.transport.peerSends([1])
        }
        await #expect(processExitsWith: .failure) { TransportRig().transport.connect() }
    }
}
