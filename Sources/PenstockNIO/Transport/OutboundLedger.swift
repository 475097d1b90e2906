import DequeModule
import NIOCore

/// What has been handed to a channel and not been taken, entry by entry: touched with every element.
struct OutboundLedger {
    /// The way to the channel.
    var context: ChannelHandlerContext?
    /// The bytes of each entry that wait.
    var entries: Deque<Int> = []
    /// The elements that were handed over in slices, the last of which has not been taken.
    var slicedElements = 0
    /// The bytes that wait.
    var pendingBytes = 0
    /// The bytes that were accepted in all.
    var bytesAccepted = 0
    /// Whether the transport is among those that are flushed in this turn.
    var isFlushDue = false
    /// The number of waiting bytes at which the channel tells that it is writable again.
    var edge = 0
    /// Whether something was written that tells when the byte before it has been taken.
    var isMarkerOut = false
    /// Whether nothing can have been taken since it was last counted.
    var isFresh = false

    /// Whether asking the channel what it holds could bring news.
    var mayHaveShrunk: Bool { !isFresh && !entries.isEmpty }
}
