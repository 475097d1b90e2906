import NIOCore
import Penstock

/// Writes random integers, one a line, until it is paused or has written all of them.
///
/// A push producer of the plainest kind: `pauseProducing` sets a flag that the loop looks at before the next line, and
/// `resumeProducing` enters the loop again. However many integers are wanted, only a few KiB of them are in memory.
final class RandomNumbers: PushProducer {
    private let consumer: any Consumer<ByteBuffer>
    private var remaining: Int
    private var isPaused = false

    init(count: Int, to consumer: any Consumer<ByteBuffer>) {
        remaining = count
        self.consumer = consumer
    }

    /// The consumer keeps the producer from now until it unregisters or is stopped.
    func start() throws(RegistrationError) {
        try consumer.registerProducer(self)
        resumeProducing()
    }

    func pauseProducing() {
        isPaused = true
    }

    func resumeProducing() {
        isPaused = false
        while !isPaused, remaining > 0 {
            remaining -= 1
            consumer.write(ByteBuffer(string: "\(Int.random(in: 0...9999))\r\n"))
        }
        if remaining == 0 {
            consumer.unregisterProducer()
            consumer.finish()
        }
    }

    func stopProducing(_ reason: EndReason) {
        isPaused = true
        remaining = 0
        print("stopped: \(reason)")
    }
}
