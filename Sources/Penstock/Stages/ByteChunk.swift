/// A run of bytes that stages can cut and join: what byte stages such as ``LineFramer`` are generic over.
///
/// `ByteBuffer` conforms in `PenstockNIO`; `ArraySlice<UInt8>` conforms here. Offsets count from the first byte.
public protocol ByteChunk: Weighted {
    /// An empty chunk.
    init()
    /// The number of bytes.
    var byteCount: Int { get }
    /// The offset of the first byte with this value at or after an offset; linear in the bytes searched.
    func firstOffset(of byte: UInt8, from offset: Int) -> Int?
    /// The byte at an offset.
    func byte(at offset: Int) -> UInt8
    /// Cuts off the first bytes and answers them; should share the storage.
    mutating func removePrefix(_ count: Int) -> Self
    /// Adds bytes at the end.
    mutating func append(_ other: Self)
}

extension ArraySlice: ByteChunk where Element == UInt8 {
    /// The number of bytes.
    public var byteCount: Int { count }

    /// The offset of the first byte with this value at or after an offset.
    public func firstOffset(of byte: UInt8, from offset: Int) -> Int? {
        self[(startIndex + offset)...].firstIndex(of: byte).map { $0 - startIndex }
    }

    /// The byte at an offset.
    public func byte(at offset: Int) -> UInt8 { self[startIndex + offset] }

    /// Cuts off the first bytes and answers them, sharing the storage.
    public mutating func removePrefix(_ count: Int) -> ArraySlice<UInt8> {
        let prefix = self.prefix(count)
        removeFirst(count)
        return prefix
    }

    /// Adds bytes at the end.
    public mutating func append(_ other: ArraySlice<UInt8>) { append(contentsOf: other) }
}
