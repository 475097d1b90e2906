import NIOCore
import Penstock

/// A push producer that writes one chunk again and again while it is not paused, until it has written so many bytes.
final class PumpSource: PushProducer {
    private let outlet: Outlet<ByteBuffer>
    private let chunk: ByteBuffer
    private var left: Int

    /// Creates a source of `bytes` bytes in pieces of `chunk`.
    init(bytes: Int, chunk: ByteBuffer, scheduler: any Scheduler) {
        outlet = Outlet(scheduler: scheduler)
        self.chunk = chunk
        left = bytes
    }

    func start(into consumer: any Consumer<ByteBuffer>) throws {
        try outlet.attach(self, to: consumer, atEnd: .finish, done: { _ in })
        pump()
    }

    func pauseProducing() { outlet.paused() }

    func resumeProducing() {
        outlet.resumed()
        pump()
    }

    func stopProducing(_ reason: EndReason) { outlet.stopped(reason) }

    private func pump() {
        while left > 0, outlet.isOpen {
            let piece = left >= chunk.readableBytes ? chunk : chunk.getSlice(at: chunk.readerIndex, length: left)
            guard let piece else { break }
            left -= piece.readableBytes
            outlet.write(piece)
        }
        if left == 0 { outlet.finish() }
    }
}
