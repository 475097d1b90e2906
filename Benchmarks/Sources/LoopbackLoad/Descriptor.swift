import Glibc

/// A descriptor that is closed when its last owner lets go of it.
package final class Descriptor: Sendable {
    /// The number by which the system knows it.
    package let number: CInt

    /// Takes a descriptor over.
    package init(_ number: CInt) {
        self.number = number
    }

    deinit {
        _ = Glibc.close(number)
    }

    /// Makes the close a reset, so that neither end waits for the other and no port lingers.
    package func resetOnClose() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    /// Makes reads and writes answer at once.
    package func makeNonBlocking() {
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    }
}

/// Plain TCP sockets on the loopback interface.
package enum Loopback {
    /// A socket that listens on a port that the system chose.
    package static func listen() throws -> (Descriptor, port: UInt16) {
        let socket = try newSocket()
        try withLoopbackAddress(port: 0) { address, length in
            guard bind(socket.number, address, length) == 0 else { throw MeasurementError.system("bind") }
        }
        guard Glibc.listen(socket.number, 1024) == 0 else { throw MeasurementError.system("listen") }
        return (socket, port: try localPort(of: socket))
    }

    /// A socket connected to a port; its reads and writes answer at once.
    package static func connect(to port: UInt16) throws -> Descriptor {
        let socket = try newSocket()
        try withLoopbackAddress(port: port) { address, length in
            guard Glibc.connect(socket.number, address, length) == 0 else { throw MeasurementError.system("connect") }
        }
        socket.makeNonBlocking()
        return socket
    }

    /// The next connection that arrives within so many seconds; its reads and writes answer at once.
    package static func accept(on listener: Descriptor, within seconds: Double = 10) throws -> Descriptor {
        guard wait(for: listener, POLLIN, seconds: seconds) else {
            throw MeasurementError("no connection arrived within \(seconds) s")
        }
        let number = Glibc.accept(listener.number, nil, nil)
        guard number >= 0 else { throw MeasurementError.system("accept") }
        let socket = Descriptor(number)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        socket.makeNonBlocking()
        return socket
    }

    /// Waits until a descriptor is ready, and tells whether it is.
    package static func wait(for descriptor: Descriptor, _ events: CInt, seconds: Double) -> Bool {
        var entry = pollfd(fd: descriptor.number, events: Int16(events), revents: 0)
        return poll(&entry, 1, CInt(seconds * 1000)) > 0
    }

    private static func newSocket() throws -> Descriptor {
        let number = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw MeasurementError.system("socket") }
        return Descriptor(number)
    }

    private static func localPort(of socket: Descriptor) throws -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.number, $0, &length) }
        }
        guard result == 0 else { throw MeasurementError.system("getsockname") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func withLoopbackAddress(
        port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void
    ) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
