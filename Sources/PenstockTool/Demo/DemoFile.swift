import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file that the demo serves: made in the directory for temporary files, of the demo's own random numbers.
struct DemoFile {
    let path: String
    let digest: Digest

    /// Creates and fills it.
    init(size: Int) throws {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(directory)/penstock-demo-XXXXXX".utf8CString)
        let descriptor = template.withUnsafeMutableBufferPointer { $0.baseAddress.map { mkstemp($0) } ?? -1 }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else { throw OutputError(call: "create", path: path, errno: errno) }
        close(descriptor)
        do {
            let file = OutputFile(path: path)
            try file.create()
            var digest = Digest()
            var lines = NumberLines()
            while digest.byteCount < size {
                var piece = lines.next(16 << 10)
                piece =
                    piece.getSlice(at: piece.readerIndex, length: min(piece.readableBytes, size - digest.byteCount))
                    ?? piece
                digest.update(piece)
                try file.write([piece])
            }
            try file.finish()
            self.digest = digest
        } catch {
            unlink(path)
            throw error
        }
    }

    func remove() {
        unlink(path)
    }
}
