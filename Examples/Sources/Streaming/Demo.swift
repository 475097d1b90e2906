import NIOCore
import NIOPosix
import Penstock
import PenstockNIO

/// A small client of the server, for `--demo`.
enum Demo {
    struct Surprise: Error {
        var lines: Int
        var end: EndReason
    }

    static func run(_ address: StreamAddress) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: (Int, FlowResult).self)
        try await StreamClient.connect(to: address, on: loop) { transport in
            let framer = LineFramer<ByteBuffer>(maximumLength: 1024, scheduler: transport.scheduler)
            let lines = NullConsumer<Line<ByteBuffer>>(scheduler: transport.scheduler)
            try framer.attach(to: lines)
            try transport.attach(to: framer, atEnd: .finish) { result in
                answer.succeed((lines.total.elements, result))
                transport.finish()
            }
            transport.write(ByteBuffer(string: "50000\r\n"))
        }
        let (lines, result) = try await answer.futureResult.get()
        print("asked for 50000 integers, got \(lines - 1) and the question, in \(result.summary.duration)")
        guard result.isComplete, lines == 50_001 else { throw Surprise(lines: lines, end: result.end) }
    }
}
