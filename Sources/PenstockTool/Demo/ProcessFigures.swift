#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the system says about this process.
enum ProcessFigures {
    /// The number of open descriptors; nil where it cannot be learned.
    static var descriptorCount: Int? {
        #if os(Linux)
            let path = "/proc/self/fd"
        #else
            let path = "/dev/fd"
        #endif
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without '.', '..' and the descriptor that was read with.
        return count - 3
    }

    /// The bytes of memory that are resident now; nil where it cannot be learned.
    static var residentBytes: Int? {
        #if os(Linux)
            status("VmRSS")
        #else
            nil
        #endif
    }

    /// The most bytes of memory that have been resident; nil where it cannot be learned.
    static var peakResidentBytes: Int? {
        #if os(Linux)
            // Not `ru_maxrss`: that begins with the peak of whoever started this process.
            status("VmHWM")
        #else
            var usage = rusage()
            guard getrusage(RUSAGE_SELF, &usage) == 0 else { return nil }
            return usage.ru_maxrss
        #endif
    }

    #if os(Linux)
        /// A line of `/proc/self/status` that is in kB, in bytes.
        private static func status(_ name: String) -> Int? {
            let descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &bytes, bytes.count)
            let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
            guard let line = lines.first(where: { $0.hasPrefix("\(name):") }) else { return nil }
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }
    #endif
}
