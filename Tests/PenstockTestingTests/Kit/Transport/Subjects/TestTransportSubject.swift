import Penstock
import PenstockTesting

/// The transport in memory, with the scripted kernel between it and its peer.
enum TestTransportSubject {
    static func suite(overhead: Int) -> TransportSuite<[UInt8]> {
        TransportSuite("TestTransport, overhead \(overhead)", traits: TransportTraits(overhead: overhead)) { setup in
            let clock = VirtualClock()
            return make(setup, overhead: overhead, clock: TrialClock(clock))
        }
    }

    /// The same in real time.
    static func realTimeSuite(options: KitOptions) -> TransportSuite<[UInt8]> {
        let traits = TransportTraits(patience: .milliseconds(1))
        return TransportSuite("TestTransport in real time", traits: traits, options: options) { setup in
            make(setup, overhead: 0, clock: TrialClock(real: ManualScheduler()))
        }
    }

    private static func make(
        _ setup: TransportSetup,
        overhead: Int,
        clock: TrialClock
    ) -> TransportUnderTest<[UInt8]> {
        var configuration = TestTransport.Configuration(marks: setup.marks, overhead: overhead)
        configuration.limit = setup.limit
        configuration.allowsHalfClosure = setup.allowsHalfClosure
        configuration.linger = setup.linger
        configuration.receiveWindow = setup.receiveWindow
        configuration.finishDeadline = nil
        let transport = TestTransport(
            configuration,
            isConnected: setup.isConnected,
            kernel: ScriptedKernel(space: 0),
            scheduler: clock.scheduler
        )
        let peer = TransportPeer(
            connect: setup.isConnected ? nil : { transport.connect() },
            send: { transport.peerSends($0) },
            finish: { transport.peerFinishes() },
            reset: { transport.peerResets() },
            take: { transport.kernelTakes($0) },
            received: { transport.sent },
            taken: { transport.sent.count },
            writeEnd: {
                switch transport.writeSide {
                case .open: .open
                case .finished: .finished
                case .reset, .lost: .reset
                }
            }
        )
        var subject = TransportUnderTest(
            transport,
            clock: clock,
            peer: peer,
            element: { $0 },
            bytes: { $0 }
        )
        let observer = SecondErrors()
        transport.observer = observer
        subject.onEnd = { transport.onEnd = $0 }
        subject.onInboundEnd = { transport.onInboundEnd = $0 }
        subject.onClose = { transport.onClose = $0 }
        subject.onSecondError = { observer.tell = $0 }
        subject.input = { .init(received: transport.bytesReceived, waiting: transport.inboundLevel) }
        subject.discarded = { transport.bytesDiscarded }
        return subject
    }
}
