import NIOCore
import NIOPosix
import Penstock
import PenstockTesting

@testable import PenstockNIO

/// Files as producers.
extension KitSubject {
    static func fileSource(_ name: String, range: Range<Int>?, _ eventLoop: any EventLoop) -> ProducerSuite<ByteBuffer>
    {
        let content = Array(Pattern.bytes(12 * Pieces.size).readableBytesView)
        func make(_ wanted: Range<Int>?) async throws -> ProducerFixture<ByteBuffer> {
            let path = try TemporaryDirectory.shared.file(ByteBuffer(bytes: content))
            let pool = NIOThreadPool(numberOfThreads: 1)
            pool.start()
            let scheduler = EventLoopScheduler.current(on: eventLoop)
            let source = FileSource(
                path: path,
                range: wanted,
                chunkSize: Pieces.size,
                scheduler: scheduler,
                threadPool: pool
            )
            let bytes = content[(wanted ?? 0..<content.count).clamped(to: 0..<content.count)]
            weak let observed = source
            let turn: () async -> Void = {
                // The only thread of the pool: when it gets here, the read that was under way is over.
                try? await pool.runIfActive(eventLoop: eventLoop) {}.get()
                await scheduler.laterTurn()
            }
            let clock = TrialClock(
                real: scheduler,
                runTurn: turn,
                settle: {
                    var quiet = 0
                    var before = observed?.expectedWeight
                    while quiet < 3 {
                        await turn()
                        let now = observed?.expectedWeight
                        quiet = now == before ? quiet + 1 : 0
                        before = now
                    }
                },
                advance: { try? await eventLoop.scheduleTask(in: TimeAmount($0)) {}.futureResult.get() }
            )
            var fixture = Pieces.fixture(source, expected: Pieces.cut(Array(bytes)), clock: clock) {
                try? await pool.shutdownGracefully()
            }
            fixture.object = source
            fixture.isReleased = { !OpenFiles.contain(path) }
            fixture.isFailure = { $0 is FileSourceError }
            return fixture
        }
        var subject = ProducerUnderTest<ByteBuffer>(name, kind: .pull) { try await make(range) }
        // A range that is longer than the file.
        if range != nil { subject.makeFailing = { try await make(100..<content.count + 1) } }
        return ProducerSuite(subject, options: KitOptions(randomOrders: 5))
    }
}
