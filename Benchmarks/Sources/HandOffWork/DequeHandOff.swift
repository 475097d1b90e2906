import DequeModule
import NIOCore

/// A queue between a producer and a reader, with nothing that tells either of them to wait.
final class DequeQueue<Element> {
    private var elements: Deque<Element>

    init() {
        elements = Deque()
        elements.reserveCapacity(HandOff.burst)
    }

    @inline(never)
    func append(_ element: consuming Element) {
        elements.append(element)
    }

    @inline(never)
    func popFirst() -> Element? {
        elements.popFirst()
    }
}

extension HandOff {
    /// What a queue costs: 64 elements are appended to a `Deque`, then taken from its front, over and over.
    public static func deque(_ payload: Payload) -> HandOff {
        switch payload {
        case .int:
            HandOff("deque") { elements in
                let queue = DequeQueue<Int>()
                let sink = IntSink()
                passInBursts(elements) { range in
                    for element in range {
                        queue.append(element)
                    }
                    while let element = queue.popFirst() {
                        sink.take(element)
                    }
                }
                return sink.sum
            }
        case .bytes:
            HandOff("deque") { elements in
                let queue = DequeQueue<ByteBuffer>()
                let sink = BytesSink()
                let chunk = ByteBuffer(repeating: 0x70, count: Payload.chunkBytes)
                passInBursts(elements) { range in
                    for _ in range {
                        queue.append(chunk)
                    }
                    while let element = queue.popFirst() {
                        sink.take(element)
                    }
                }
                return sink.sum
            }
        }
    }

    /// Calls `body` with one range after another, each of at most 64 indices, until `elements` have passed.
    static func passInBursts(_ elements: Int, _ body: (Range<Int>) -> Void) {
        var start = 0
        while start < elements {
            let end = min(start + burst, elements)
            body(start..<end)
            start = end
        }
    }
}
