import NIOCore
import PenstockNIO
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A fresh directory for the sockets and files of one test run; removed with everything in it when the process ends.
final class TemporaryDirectory: Sendable {
    static let shared = TemporaryDirectory()

    private let path: Result<String, IOError>
    private let names = Atomic(0)

    private init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/penstock-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
        if made {
            path = .success(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
        } else {
            path = .failure(IOError(errnoCode: errno, reason: "mkdtemp"))
        }
        atexit { TemporaryDirectory.shared.remove() }
    }

    /// A path in the directory that no test has had before.
    func freshPath(_ kind: String) throws -> String {
        let number = names.add(1, ordering: .relaxed).newValue
        return try "\(path.get())/\(kind)-\(number)"
    }

    /// A new file with this content.
    func file(_ bytes: ByteBuffer) throws -> String {
        let path = try freshPath("file")
        try write(bytes, to: path, at: 0)
        return path
    }

    /// Adds to the end of a file.
    func append(_ bytes: ByteBuffer, to path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { throw IOError(errnoCode: errno, reason: "stat \(path)") }
        try write(bytes, to: path, at: status.st_size)
    }

    /// Cuts a file off.
    func truncate(_ path: String, to size: Int) throws {
        guard systemTruncate(path, size) == 0 else { throw IOError(errnoCode: errno, reason: "truncate \(path)") }
    }

    /// Whether something is at the path of a UNIX socket.
    static func exists(_ address: StreamAddress) -> Bool {
        guard case .unix(let path) = address.kind else { return false }
        return access(path, F_OK) == 0
    }

    private func write(_ bytes: ByteBuffer, to path: String, at start: off_t) throws {
        var offset = start
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "open \(path)") }
        defer { close(descriptor) }
        var rest = bytes
        while rest.readableBytes > 0 {
            let count = rest.readWithUnsafeReadableBytes {
                max(0, pwrite(descriptor, $0.baseAddress, $0.count, offset))
            }
            guard count > 0 else { throw IOError(errnoCode: errno, reason: "write \(path)") }
            offset += off_t(count)
        }
    }

    private func remove() {
        guard case .success(let path) = path else { return }
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { unlink("\(path)/\(name)") }
            }
            closedir(directory)
        }
        rmdir(path)
    }
}
