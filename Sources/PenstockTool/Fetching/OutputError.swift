#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What was received could not be put where it was to go.
struct OutputError: Error, CustomStringConvertible {
    var call: String
    var path: String
    var errno: CInt

    var description: String { "cannot \(call) \(path): \(String(cString: strerror(errno)))" }
}
