import NIOCore
import Penstock
import PenstockNIO
import PenstockTesting
import Testing

@Suite struct ByteFramingTests {
    @Test("C8.2: a framer keeps one unfinished line, not all that went through before it")
    func storageStaysSmall() throws {
        let clock = VirtualClock()
        let framer = LineFramer<ByteBuffer>(maximumLength: 1000, scheduler: clock)
        let sink = NullConsumer<Line<ByteBuffer>>(scheduler: clock)
        var most = 0
        sink.onElement = { most = max(most, $0.bytes.storageCapacity) }
        try framer.attach(to: sink)
        // No chunk ends where a line ends.
        let chunk = ByteBuffer(string: String(repeating: "a", count: 500) + "\n" + String(repeating: "b", count: 499))
        for _ in 0..<2000 { framer.write(chunk) }
        #expect(sink.total.elements == 2000)
        #expect(most <= 8192)
    }
}
