import NIOCore
import Penstock

/// One answer of the numbers server: a text, or as many random integers as were asked for, as a push producer.
///
/// It writes until it is paused, goes on when it is resumed, and unregisters when it has written everything.
final class NumbersAnswer: PushProducer {
    private let consumer: any Consumer<ByteBuffer>
    private let perChunk: Int
    private var text: ByteBuffer?
    private var remaining: Int
    private var lines = NumberLines()
    private var isPaused = false
    private var done: ((EndReason) -> Void)?
    private let willWrite: ((ByteBuffer) -> Void)?

    /// - Parameters:
    ///   - willWrite: Sees everything before it is written.
    ///   - done: Called once: when everything has been written, or when the consumer has ended before.
    init(
        text: ByteBuffer? = nil,
        count: Int = 0,
        chunkSize: Int,
        to consumer: any Consumer<ByteBuffer>,
        willWrite: ((ByteBuffer) -> Void)? = nil,
        done: @escaping (EndReason) -> Void
    ) {
        self.text = text
        self.consumer = consumer
        self.willWrite = willWrite
        self.done = done
        remaining = count
        perChunk = max(1, chunkSize / NumberLines.longest)
    }

    func start() throws(RegistrationError) {
        try consumer.registerProducer(self)
        produce()
    }

    func pauseProducing() { isPaused = true }

    func resumeProducing() {
        isPaused = false
        produce()
    }

    func stopProducing(_ reason: EndReason) { end(reason) }

    private func produce() {
        while !isPaused, done != nil {
            guard let chunk = next() else {
                consumer.unregisterProducer()
                return end(.finished)
            }
            willWrite?(chunk)
            consumer.write(chunk)
        }
    }

    private func next() -> ByteBuffer? {
        if let text {
            self.text = nil
            return text
        }
        guard remaining > 0 else { return nil }
        let count = min(remaining, perChunk)
        remaining -= count
        return lines.next(count)
    }

    private func end(_ reason: EndReason) {
        let done = self.done
        self.done = nil
        done?(reason)
    }
}
