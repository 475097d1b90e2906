// The calls whose names the methods of the fixtures shadow, and the constants that the C libraries type differently.

#if canImport(Glibc)
    import Glibc

    let withoutSignal = CInt(MSG_NOSIGNAL)
    let withoutWaiting = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
    let writeSide = CInt(SHUT_WR)
    func systemSocket(_ domain: CInt) -> CInt {
        socket(domain, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    }
#elseif canImport(Musl)
    import Musl

    let withoutSignal = CInt(MSG_NOSIGNAL)
    let withoutWaiting = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
    let writeSide = CInt(SHUT_WR)
    func systemSocket(_ domain: CInt) -> CInt { socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0) }
#elseif canImport(Darwin)
    import Darwin

    let withoutSignal = CInt(0)
    let withoutWaiting = CInt(MSG_DONTWAIT)
    let writeSide = CInt(SHUT_WR)
    func systemSocket(_ domain: CInt) -> CInt {
        let descriptor = socket(domain, SOCK_STREAM, 0)
        var on: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<CInt>.size))
        return descriptor
    }
#endif

let version6 = CInt(AF_INET6)

func systemConnect(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> CInt {
    connect(descriptor, address, size)
}

func systemBind(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> CInt {
    bind(descriptor, address, size)
}

func systemListen(_ descriptor: CInt, _ backlog: CInt) -> CInt { listen(descriptor, backlog) }

func systemAccept(_ descriptor: CInt) -> CInt { accept(descriptor, nil, nil) }

func systemTruncate(_ path: String, _ size: Int) -> CInt { truncate(path, off_t(size)) }

func systemClose(_ descriptor: CInt) { close(descriptor) }

/// Lets the process have a few thousand descriptors, if the system allows it.
func raiseDescriptorLimit() {
    var limit = rlimit()
    #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        let resource = RLIMIT_NOFILE
    #endif
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < 4096 else { return }
    limit.rlim_cur = min(4096, limit.rlim_max)
    setrlimit(resource, &limit)
}

/// The port that an internet socket is bound to: bytes 2 and 3 of its address, on every system and in both families.
func systemPort(_ descriptor: CInt) -> Int {
    var name = [UInt8](repeating: 0, count: 128)
    var size = socklen_t(name.count)
    let result = name.withUnsafeMutableBytes { bytes in
        getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
    }
    return result == 0 ? Int(name[2]) << 8 | Int(name[3]) : 0
}

/// The number of open descriptors of this process.
func openDescriptors() -> Int {
    #if os(Linux)
        let path = "/proc/self/fd"
    #else
        let path = "/dev/fd"
    #endif
    guard let directory = opendir(path) else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    // Two dots, and the directory itself.
    return count - 3
}

/// The sockets that this process has open, each by a number that is its own.
///
/// Suites that run beside this one open and close descriptors, so a test of one socket must look at that one.
func openSockets() -> Set<UInt64> {
    var sockets: Set<UInt64> = []
    for descriptor in 0..<4096 as Range<CInt> {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { continue }
        sockets.insert(UInt64(status.st_ino))
    }
    return sockets
}

/// The number of descriptors of this process that have this file open.
func openDescriptors(of path: String) -> Int {
    var file = stat()
    guard stat(path, &file) == 0 else { return 0 }
    return (0..<4096 as Range<CInt>).count { descriptor in
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_dev == file.st_dev && status.st_ino == file.st_ino
    }
}
