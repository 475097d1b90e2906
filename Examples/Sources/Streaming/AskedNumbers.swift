import NIOCore
import Penstock

/// Writes a random integer, one a line, each time it is asked for one, until it has written all of them.
///
/// A pull producer of the plainest kind: no loop and no pause. It is asked while the consumer has room.
final class AskedNumbers: PullProducer {
    private let consumer: any Consumer<ByteBuffer>
    private var remaining: Int

    init(count: Int, to consumer: any Consumer<ByteBuffer>) {
        remaining = count
        self.consumer = consumer
    }

    /// The consumer keeps the producer from now until it unregisters or is stopped.
    func start() throws(RegistrationError) {
        try consumer.registerProducer(self)
    }

    func resumeProducing() {
        guard remaining > 0 else {
            consumer.unregisterProducer()
            return consumer.finish()
        }
        remaining -= 1
        consumer.write(ByteBuffer(string: "\(Int.random(in: 0...9999))\r\n"))
    }

    func stopProducing(_ reason: EndReason) {
        print("stopped: \(reason)")
    }
}
