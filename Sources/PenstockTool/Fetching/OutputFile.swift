import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file, or standard output, written in blocking calls; whoever uses it makes one call at a time, off the event loop.
final class OutputFile: Sendable {
    let path: String
    private let isStandardOutput: Bool
    private let descriptor: Mutex<CInt>

    /// - Parameter path: The file to create or replace; nil for standard output.
    init(path: String?) {
        self.path = path ?? "standard output"
        isStandardOutput = path == nil
        descriptor = Mutex(path == nil ? STDOUT_FILENO : -1)
    }

    deinit {
        let open = descriptor.withLock { $0 }
        if open >= 0, !isStandardOutput { _ = close(open) }
    }

    func create() throws(OutputError) {
        guard !isStandardOutput else { return }
        let opened = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw error("create") }
        descriptor.withLock { $0 = opened }
    }

    func write(_ buffers: [ByteBuffer]) throws(OutputError) {
        let open = descriptor.withLock { $0 }
        for buffer in buffers {
            let code = buffer.withUnsafeReadableBytes { Self.write($0, to: open) }
            if code != 0 { throw error("write", code) }
        }
    }

    /// Closes the file; some file systems tell only now that they had no room.
    func finish() throws(OutputError) {
        guard !isStandardOutput else { return }
        let open = descriptor.withLock { open in
            defer { open = -1 }
            return open
        }
        if open >= 0, close(open) != 0 { throw error("write") }
    }

    private func error(_ call: String, _ code: CInt = errno) -> OutputError {
        OutputError(call: call, path: path, errno: code)
    }

    /// Writes everything; answers the `errno` that prevented it, or 0.
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> CInt {
        var offset = 0
        while offset < bytes.count {
            let written = systemWrite(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
            if written >= 0 {
                offset += written
            } else if errno == EAGAIN {
                // Standard output may be shared with somebody who made it non-blocking.
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
