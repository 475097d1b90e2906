#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file could not be read, or was not what it had been.
public enum FileSourceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system refused: which call, on which file, with which `errno`.
    case system(call: String, path: String, errno: Int32)
    /// It is a directory, a pipe or a device.
    case notARegularFile(path: String)
    /// The file ended before the range that was asked for: it had changed, or was never that long.
    case sizeChanged(expected: Int, got: Int)

    /// What went wrong, for a person.
    public var description: String {
        switch self {
        case .system(let call, let path, let errno): "cannot \(call) \(path): \(String(cString: strerror(errno)))"
        case .notARegularFile(let path): "\(path) is not a regular file"
        case .sizeChanged(let expected, let got): "the file ended after \(got) of the \(expected) bytes expected"
        }
    }
}
