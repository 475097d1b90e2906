import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

/// A client that reads all lines and looks at their numbers, for `--demo`.
enum Demo {
    struct Surprise: Error {
        var line: Int
        var text: String
    }

    static func run(_ address: StreamAddress, _ path: String) async throws {
        let answer = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: [String].self)
        try await StreamClient.connect(to: address, on: answer.futureResult.eventLoop) { transport in
            let framer = LineFramer<ByteBuffer>(maximumLength: 1 << 20, scheduler: transport.scheduler)
            let lines = Collector<Line<ByteBuffer>>(cap: 1 << 24, scheduler: transport.scheduler)
            try framer.attach(to: lines)
            try transport.attach(to: framer, atEnd: .finish) { result in
                if result.isComplete {
                    answer.succeed(lines.elements.map { String(buffer: $0.bytes) })
                } else {
                    answer.fail(result.end)
                }
                transport.finish()
            }
        }
        let lines = try await answer.futureResult.get()
        for (index, line) in lines.enumerated() where !line.hasPrefix("\(index + 1)\t") {
            throw Surprise(line: index + 1, text: line)
        }
        print("got \(lines.count) numbered lines, the last of them: \(lines.last ?? "none")")
    }
}
