import NIOCore

/// Where a direct call ends: a class whose method the compiler must really call.
final class IntSink {
    private(set) var sum = 0

    @inline(never)
    func take(_ element: Int) {
        sum &+= element
    }
}

/// Where a direct call with bytes ends; it keeps the last element, as anything that holds bytes must.
final class BytesSink {
    private(set) var sum = 0
    private var last: ByteBuffer?

    @inline(never)
    func take(_ element: consuming ByteBuffer) {
        sum &+= element.readableBytes
        last = element
    }
}

extension HandOff {
    /// The least a hand-off can cost: the producer calls a method of the one that takes the element.
    public static func direct(_ payload: Payload) -> HandOff {
        switch payload {
        case .int:
            HandOff("direct call") { elements in
                let sink = IntSink()
                for element in 0..<elements {
                    sink.take(element)
                }
                return sink.sum
            }
        case .bytes:
            HandOff("direct call") { elements in
                let sink = BytesSink()
                let chunk = ByteBuffer(repeating: 0x70, count: Payload.chunkBytes)
                for _ in 0..<elements {
                    sink.take(chunk)
                }
                return sink.sum
            }
        }
    }
}
