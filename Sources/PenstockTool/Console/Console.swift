import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Prints from a task of its own, in order, so that a slow terminal holds no event loop.
///
/// Holds a few thousand lines; what comes while it is full is dropped and counted.
final class Console: Sendable {
    enum Stream: CInt {
        case out = 1
        case err = 2

        var isTerminal: Bool { isatty(rawValue) == 1 }

        /// The columns of the terminal.
        var width: Int {
            var size = winsize()
            guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
            return Int(size.ws_col)
        }
    }

    static let shared = Console()

    private let lines: AsyncStream<(Stream, String)>.Continuation
    private let printing: Task<Void, Never>
    private let dropped = Atomic(0)

    private init() {
        let (stream, continuation) = AsyncStream.makeStream(
            of: (Stream, String).self,
            bufferingPolicy: .bufferingOldest(4096)
        )
        lines = continuation
        printing = Task {
            for await (stream, text) in stream { Self.write(text, to: stream) }
        }
    }

    /// Prints a line.
    func print(_ line: String, to stream: Stream = .out) {
        put(line + "\n", to: stream)
    }

    /// Prints as it is, without an end of line.
    func put(_ text: String, to stream: Stream) {
        if case .dropped = lines.yield((stream, text)) { dropped.add(1, ordering: .relaxed) }
    }

    /// Returns when everything has been printed; nothing more is.
    func close() async {
        lines.finish()
        await printing.value
        let count = dropped.load(ordering: .relaxed)
        if count > 0 { Self.complain("\(count) lines were not printed because the reader was too slow") }
    }

    /// One line on stderr, at once.
    static func complain(_ message: String) {
        write("penstock: \(message)\n", to: .err)
    }

    private static func write(_ text: String, to stream: Stream) {
        var text = text
        text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count {
                let written = systemWrite(
                    stream.rawValue,
                    bytes.baseAddress.map { $0 + offset },
                    bytes.count - offset
                )
                if written > 0 {
                    offset += written
                } else if errno == EAGAIN {
                    // The other end of a terminal may have made it non-blocking for all who share it.
                    var descriptor = pollfd(fd: stream.rawValue, events: Int16(POLLOUT), revents: 0)
                    poll(&descriptor, 1, -1)
                } else if errno != EINTR {
                    return  // Nobody is left to tell.
                }
            }
        }
    }
}
