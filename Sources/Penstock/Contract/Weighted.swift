/// An element that knows what it costs a buffer to hold it.
///
/// Conform a type to it if it has one natural weight; then buffers of that type need no explicit weight. `ByteBuffer`
/// conforms in `PenstockNIO`, `ArraySlice<UInt8>` and `[UInt8]` conform here: their bytes plus 64 for the entry.
///
/// A consumer that is given an explicit weight asks the element neither for its weight nor for its content: it queues
/// everything, an empty run of bytes too.
public protocol Weighted {
    /// What the element costs, at least 1.
    var weight: Int { get }

    /// Whether there is anything in the element; true by default.
    ///
    /// One without content, such as an empty run of bytes, is not queued: it answers the question of a pull producer, and
    /// the next question comes on a later turn (C3.4, C5.4).
    var hasContent: Bool { get }
}

extension Weighted {
    /// Every element has content.
    public var hasContent: Bool { true }
}

/// What one entry of a buffer costs beside the bytes in it.
public let entryOverhead = 64

extension Array: Weighted where Element == UInt8 {
    /// The bytes plus ``entryOverhead``.
    public var weight: Int { count + entryOverhead }

    /// Whether there is a byte.
    public var hasContent: Bool { !isEmpty }
}

extension ArraySlice: Weighted where Element == UInt8 {
    /// The bytes plus ``entryOverhead``.
    public var weight: Int { count + entryOverhead }

    /// Whether there is a byte.
    public var hasContent: Bool { !isEmpty }
}
