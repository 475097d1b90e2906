import Glibc

/// Prints a line and hands it to the reader at once, also where output goes to a pipe.
func print(_ line: String, flushing: Bool) {
    Swift.print(line)
    if flushing { fflush(nil) }
}

/// The number of open descriptors that this process is allowed.
enum DescriptorLimit {
    /// Raises the limit as far as the system lets us.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
