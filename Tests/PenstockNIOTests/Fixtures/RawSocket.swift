import NIOCore
import NIOPosix
import Synchronization

@testable import PenstockNIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The other end of a connection, as a program written against the C library would be: blocking calls, no event loop.
///
/// Closed when the last reference goes, if it was not before.
final class RawSocket: Sendable {
    /// How the bytes of a peer ended.
    enum Ending: Hashable, Sendable {
        case finished
        case reset
        case failed(CInt)
    }

    /// What was read until the end.
    struct Tail: Hashable, Sendable {
        var bytes = 0
        var isIntact = true
        var ending = Ending.finished
    }

    // A thread for each blocked peer of a test, and some to spare.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 24)
        pool.start()
        return pool
    }()

    let descriptor: CInt
    private let isOpen = Mutex(true)

    init(descriptor: CInt) throws {
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        self.descriptor = descriptor
    }

    deinit { close() }

    /// Runs blocking calls on a thread.
    func run<Value: Sendable>(_ body: @escaping @Sendable (RawSocket) throws -> Value) async throws -> Value {
        try await Self.threads.runIfActive { try body(self) }
    }

    // MARK: Opening

    /// Connects; the buffer sizes are set before, as TCP needs it.
    static func connect(
        to address: StreamAddress,
        receiveBuffer: Int? = nil,
        sendBuffer: Int? = nil
    ) async throws -> RawSocket {
        let socket = try RawSocket(family: address)
        if let receiveBuffer { socket.set(SO_RCVBUF, to: receiveBuffer) }
        if let sendBuffer { socket.set(SO_SNDBUF, to: sendBuffer) }
        guard let target = address.socketAddress else { throw IOError(errnoCode: EINVAL, reason: "address") }
        try await socket.run { socket in
            let result = target.withSockAddr { address, size in
                systemConnect(socket.descriptor, address, socklen_t(size))
            }
            guard result == 0 else { throw IOError(errnoCode: errno, reason: "connect") }
        }
        return socket
    }

    /// Listens, and answers where.
    static func listen(
        on address: StreamAddress,
        receiveBuffer: Int? = nil,
        backlog: CInt = 64
    ) throws -> (socket: RawSocket, address: StreamAddress) {
        let socket = try RawSocket(family: address)
        if let receiveBuffer { socket.set(SO_RCVBUF, to: receiveBuffer) }
        guard let target = address.socketAddress else { throw IOError(errnoCode: EINVAL, reason: "address") }
        let result = target.withSockAddr { address, size in systemBind(socket.descriptor, address, socklen_t(size)) }
        guard result == 0 else { throw IOError(errnoCode: errno, reason: "bind") }
        guard systemListen(socket.descriptor, backlog) == 0 else { throw IOError(errnoCode: errno, reason: "listen") }
        guard case .tcp(let host, _) = address.kind else { return (socket, address) }
        return (socket, .tcp(host: host, port: systemPort(socket.descriptor)))
    }

    /// Waits for a connection.
    func accept() async throws -> RawSocket {
        try await run { socket in
            guard socket.isReady(for: POLLIN) else { throw IOError(errnoCode: ETIMEDOUT, reason: "accept") }
            return try RawSocket(descriptor: systemAccept(socket.descriptor))
        }
    }

    private convenience init(family address: StreamAddress) throws {
        let domain = address.socketAddress?.isInternet == true ? AF_INET : AF_UNIX
        try self.init(descriptor: systemSocket(domain))
    }

    // MARK: Reading and writing

    /// Reads some bytes, at least one; 0 at the end.
    func read(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            guard isReady(for: POLLIN) else { return -1 }
            let count = recv(descriptor, bytes.baseAddress, bytes.count, 0)
            if count >= 0 || errno != EINTR { return count }
        }
    }

    /// Reads the pattern until a number of bytes, or the end, has come.
    func readPattern(_ limit: Int = .max, from offset: Int = 0) -> Tail {
        var tail = Tail()
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { space in
            while tail.bytes < limit {
                let room = UnsafeMutableRawBufferPointer(rebasing: space[..<min(space.count, limit - tail.bytes)])
                let count = read(room)
                guard count > 0 else {
                    tail.ending = count == 0 ? .finished : errno == ECONNRESET ? .reset : .failed(errno)
                    return
                }
                let got = UnsafeRawBufferPointer(rebasing: room[..<count])
                if !Pattern.matches(got, from: offset + tail.bytes) { tail.isIntact = false }
                tail.bytes += count
            }
        }
        return tail
    }

    /// Reads exactly this many bytes as text; fewer at the end.
    func readText(_ count: Int) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let more = bytes.withUnsafeMutableBytes { read(UnsafeMutableRawBufferPointer(rebasing: $0[got...])) }
            guard more > 0 else { break }
            got += more
        }
        return String(decoding: bytes[..<got], as: UTF8.self)
    }

    /// Writes everything, and answers how much of it was taken before the other side was gone.
    @discardableResult
    func write(_ buffer: ByteBuffer) -> Int {
        var rest = buffer
        while rest.readableBytes > 0, isReady(for: POLLOUT) {
            let count = rest.withUnsafeReadableBytes { send(descriptor, $0.baseAddress, $0.count, withoutSignal) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest.moveReaderIndex(forwardBy: count)
        }
        return buffer.readableBytes - rest.readableBytes
    }

    /// Writes the pattern until the kernel takes no more, and answers how much it took.
    func fill(from offset: Int = 0) -> Int {
        var count = 0
        while !isBlocked {
            let chunk = Pattern.bytes(1 << 16, from: offset + count)
            let sent = chunk.withUnsafeReadableBytes { send(descriptor, $0.baseAddress, $0.count, withoutWaiting) }
            guard sent > 0 || errno == EAGAIN else { break }
            count += max(0, sent)
        }
        return count
    }

    /// Whether the kernel takes nothing more: not now, and not within the time that a window takes to open.
    var isBlocked: Bool { !isReady(for: POLLOUT, within: 60) }

    /// A test that would wait for ever is stopped by its time limit, and the thread it blocks by this one.
    private func isReady(for event: some BinaryInteger, within milliseconds: CInt = 100_000) -> Bool {
        var question = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        return poll(&question, 1, milliseconds) > 0
    }

    /// Writes a text.
    @discardableResult
    func write(_ text: String) -> Int { write(ByteBuffer(string: text)) }

    /// Returns when something has arrived.
    func waitForInput() { _ = isReady(for: POLLIN) }

    /// The bytes that have arrived and were not read.
    var unread: Int {
        var count: CInt = 0
        return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// Lets the kernel accept less from now on; it takes twice as much and at least one packet.
    func shrinkSendBuffer(to size: Int) { set(SO_SNDBUF, to: size) }

    // MARK: Ending

    /// Ends the write side.
    func finishWriting() { shutdown(descriptor, writeSide) }

    /// Closes with a reset, on sockets that know one.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { systemClose(descriptor) }
    }

    private func set(_ option: CInt, to value: Int) {
        var value = CInt(value)
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
}
