import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open file, read in blocking calls on a thread pool; closed when the last reference to it goes, on whatever path.
final class FileReader: Sendable {
    let path: String
    let size: Int
    private let descriptor: CInt

    init(path: String) throws(FileSourceError) {
        // Without O_NONBLOCK a pipe that nobody writes to would hold the thread.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(call: "open", path: path, errno: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .system(call: "examine", path: path, errno: code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notARegularFile(path: path)
        }
        self.path = path
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// Reads up to a number of bytes; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(FileSourceError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var failure: CInt?
        while buffer.readableBytes < count, failure == nil {
            let missing = count - buffer.readableBytes
            let position = offset + buffer.readableBytes
            let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { bytes in
                let count = pread(descriptor, bytes.baseAddress, missing, off_t(position))
                if count < 0 { failure = errno }
                return max(count, 0)
            }
            if failure == EINTR { failure = nil } else if got == 0 { break }
        }
        if let failure { throw .system(call: "read", path: path, errno: failure) }
        return buffer
    }
}
