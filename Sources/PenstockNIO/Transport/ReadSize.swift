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

    // What the peer of a relayed connection does not take stays in memory with the whole read it came in.
    private static let smallestForRoom = 32 << 10

    private let largest: Int
    // Relaxed throughout: only the event loop touches them; atomic because NIO asks for a Sendable type.
    private let learned: Atomic<Int>
    private let next: Atomic<Int>

    init(largest: Int) {
        self.largest = max(largest, 1)
        learned = Atomic(min(Self.smallest, self.largest))
        next = Atomic(min(Self.smallest, self.largest))
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: next.load(ordering: .relaxed))
    }

    /// Answers that the next size may differ, or NIO's pool would use its first buffer, of the smallest size, for ever.
    func record(actualReadBytes: Int) -> Bool { true }

    /// No pooling.
    func nextBufferSize() -> Int? { nil }

    /// A burst of reads has come in.
    ///
    /// - Parameters:
    ///   - bytes: How many it were.
    ///   - blocked: Whether the consumer has paused because of them.
    ///   - room: What the kernel can still take for the peer that they are relayed to, if this is known.
    func adapt(bytes: Int, blocked: Bool, room: Int?) {
        var size = learned.load(ordering: .relaxed)
        if blocked || bytes < next.load(ordering: .relaxed) / 2 {
            size = max(min(Self.smallest, largest), size / 2)
        } else if bytes >= size {
            size = min(largest, size * 2)
        }
        learned.store(size, ordering: .relaxed)
        guard let room else { return next.store(size, ordering: .relaxed) }
        // A part of it, since a kernel that is short of memory takes less than it has room for. A power of two, as NIO rounds up
        // to one.
        let most = 1 << (Int.bitWidth - 1 - max(room / 4, Self.smallestForRoom).leadingZeroBitCount)
        next.store(min(size, most), ordering: .relaxed)
    }
}
