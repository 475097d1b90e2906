import Foundation
import NIOCore
import NIOPosix
import Penstock
import PenstockNIO
import Testing

@testable import PenstockTool

extension ToolTests {
    /// A file as a consumer.
    @Suite struct FileSinkTests {
        @Test("C3.5: an empty sequence answers no question, and an element without content does")
        func emptySequence() async throws {
            let directory = try TemporaryDirectory()
            defer { withExtendedLifetime(directory) {} }
            let path = directory.path("file").path
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let isAsked = try await loop.submit {
                let scheduler = EventLoopScheduler.current(on: loop)
                let sink = FileSink(file: OutputFile(path: path), marks: .bytes, scheduler: scheduler)
                defer { sink.abort(.cancelled) }
                try sink.registerProducer(Asked())
                return [[], [ByteBuffer()]].map { elements in
                    sink.write(contentsOf: elements)
                    return sink.snapshot.isAsked
                }
            }.get()
            #expect(isAsked == [true, false])
        }
    }
}

private final class Asked: PullProducer {
    func resumeProducing() {}
    func stopProducing(_ reason: EndReason) {}
}
