import NIOCore
import NIOPosix
import Penstock
import PenstockNIO
import Testing

@Suite("C9.2: where the compiler cannot see the domain, a precondition checks it")
struct DomainTests {
    @Test("A scheduler is given out on its own loop only")
    func scheduler() async {
        await #expect(processExitsWith: .failure) {
            _ = EventLoopScheduler.current(on: MultiThreadedEventLoopGroup.singleton.any())
        }
        await #expect(processExitsWith: .success) {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            try await loop.submit { _ = EventLoopScheduler.current(on: loop) }.get()
        }
    }

    @Test("A connection is opened from its own loop only")
    func client() async {
        await #expect(processExitsWith: .failure) {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            StreamClient.connect(to: "127.0.0.1:9", on: loop) { _ in }
        }
        await #expect(processExitsWith: .success) {
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            try await loop.submit { StreamClient.connect(to: "127.0.0.1:9", on: loop) { _ in } }.get()
        }
    }
}
