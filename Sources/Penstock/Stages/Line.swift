/// A line that a ``LineFramer`` has cut off, without its end.
///
/// An empty line is an element like any other. An empty run of bytes is not: a consumer takes it for nothing (C3.4), and the
/// line would be lost behind the framer.
public struct Line<Chunk: ByteChunk>: Weighted {
    /// The bytes of the line; none if it is empty.
    public var bytes: Chunk

    /// Creates a line of these bytes, which should not have the end of a line among them.
    public init(_ bytes: Chunk) {
        self.bytes = bytes
    }

    /// What the bytes weigh, and at least 1.
    public var weight: Int { max(bytes.weight, 1) }

    /// A line is an element even if it is empty.
    public var hasContent: Bool { true }
}

extension Line: Equatable where Chunk: Equatable {}
extension Line: Hashable where Chunk: Hashable {}
extension Line: Sendable where Chunk: Sendable {}
