import NIOCore
import Synchronization

/// How many bytes the next read may take: grows while reads come back full, shrinks while they do not, or while the
/// consumer cannot keep up.
///
/// Each read gets a fresh buffer of this size, which lives as long as its bytes: a connection that has gone quiet keeps none,
/// where NIO's pool would keep the last four.
final class ReadSize: RecvByteBufferAllocator, Sendable {
    // NIO keeps the first buffer of a channel as long as the channel lives.
    private static let smallest = 512

    private let largest: Int
    // Relaxed throughout: only the event loop touches it; atomic because NIO asks for a Sendable type.
    private let current: Atomic<Int>

    init(largest: Int) {
        self.largest = max(largest, 1)
        current = Atomic(min(Self.smallest, max(largest, 1)))
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: current.load(ordering: .relaxed))
    }

    /// Answers that the next size may differ, or NIO's pool would use its first buffer, of the smallest size, for ever.
    func record(actualReadBytes: Int) -> Bool { true }

    /// No pooling.
    func nextBufferSize() -> Int? { nil }

    /// A burst of reads has come in; it was blocked if the consumer has paused.
    func adapt(bytes: Int, blocked: Bool) {
        let size = current.load(ordering: .relaxed)
        if blocked || bytes < size / 2 {
            current.store(max(min(Self.smallest, largest), size / 2), ordering: .relaxed)
        } else if bytes >= size {
            current.store(min(largest, size * 2), ordering: .relaxed)
        }
    }
}
