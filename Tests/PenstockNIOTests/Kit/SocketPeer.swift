import NIOCore
import PenstockTesting

@testable import PenstockNIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A raw socket that a check commands from the event loop, so none of its calls waits.
final class SocketPeer {
    private(set) var socket: RawSocket?
    private(set) var received: [UInt8] = []
    private(set) var end = TransportPeer.WriteEnd.open
    private var credit = 0
    private let family: SocketFamily

    init(family: SocketFamily) { self.family = family }

    /// The connection stands; on UNIX sockets what the peer may have under way is all that bounds what it sends.
    func connected(to socket: RawSocket) {
        self.socket = socket
        var size: CInt = 16 << 10
        setsockopt(socket.descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
    }

    /// The bytes that have come and were not read.
    var unread: Int { socket?.unread ?? 0 }

    func allow(_ bytes: Int) {
        credit = bytes == .max ? .max / 2 : credit + bytes
        read()
    }

    /// Reads nothing more until it is allowed to.
    func stopReading() { credit = 0 }

    /// Reads what may be read and is there.
    func read() {
        guard let socket, end == .open else { return }
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { space in
            while credit > 0, end == .open {
                let room = UnsafeMutableRawBufferPointer(rebasing: space[..<min(space.count, credit)])
                let count = recv(socket.descriptor, room.baseAddress, room.count, withoutWaiting)
                guard count > 0 else {
                    if count == 0 { end = .finished } else if errno != EAGAIN { end = .reset }
                    return
                }
                received += room[..<count]
                credit -= count
            }
        }
    }

    /// How the other side has ended, also while there is something to read before it.
    var writeEnd: TransportPeer.WriteEnd {
        guard let socket, end == .open else { return end }
        #if os(Linux)
            let hasFinished: CInt = 0x2000
            var question = pollfd(fd: socket.descriptor, events: Int16(hasFinished), revents: 0)
            guard poll(&question, 1, 0) > 0 else { return .open }
            if CInt(question.revents) & CInt(POLLERR) != 0 { return .reset }
            if CInt(question.revents) & hasFinished != 0 { return .finished }
        #endif
        return .open
    }

    /// Writes what the kernel takes at once.
    func give(_ bytes: [UInt8]) -> Int {
        guard let socket else { return 0 }
        return max(0, bytes.withUnsafeBytes { send(socket.descriptor, $0.baseAddress, $0.count, withoutWaiting) })
    }

    func finish() { socket?.finishWriting() }

    /// A UNIX socket is reset by closing it with something unread; otherwise closing it is an orderly end.
    func reset() throws {
        if family == .unix, unread == 0 { throw NotApplicable("a UNIX socket that has read everything cannot reset") }
        lose()
    }

    /// Closes, with a reset where there is one.
    func lose() {
        socket?.reset()
        end = .reset
    }

    func close() { socket?.close() }
}
