/// An element that knows what it costs a buffer to hold it.
///
/// Conform a type to it if it has one natural weight; then buffers of that type need no explicit weight. `ByteBuffer`
/// conforms in `PenstockNIO`, `ArraySlice<UInt8>` and `[UInt8]` conform here: their bytes plus 64 for the entry.
public protocol Weighted {
    /// What the element costs, at least 1.
    var weight: Int { get }
}

/// What one entry of a buffer costs beside the bytes in it.
public let entryOverhead = 64

extension Array: Weighted where Element == UInt8 {
    /// The bytes plus ``entryOverhead``.
    public var weight: Int { count + entryOverhead }
}

extension ArraySlice: Weighted where Element == UInt8 {
    /// The bytes plus ``entryOverhead``.
    public var weight: Int { count + entryOverhead }
}
