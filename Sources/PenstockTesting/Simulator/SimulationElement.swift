public import Penstock

/// The bytes of all elements of one simulated world; an element is a piece of it.
final class SimulationTape {
    var bytes: [UInt8] = []
}

/// What is written in a simulated world: a run of bytes with an identity.
///
/// It weighs its bytes; one without bytes has no content (C3.4). It is two numbers and a reference, so that a simulation
/// allocates little.
public struct SimulationElement: ByteChunk, CustomStringConvertible {
    var tape: SimulationTape?
    /// Where the element begins among all that was written; no two elements with content begin at the same place.
    public private(set) var number = 0
    /// The number of bytes.
    public private(set) var byteCount = 0

    /// An element without content.
    public init() {}

    init(tape: SimulationTape, number: Int, byteCount: Int) {
        self.tape = tape
        self.number = number
        self.byteCount = byteCount
    }

    /// What it weighs: its bytes.
    public var weight: Int { byteCount }

    /// Whether there is a byte.
    public var hasContent: Bool { byteCount > 0 }

    /// The number and the weight.
    public var description: String { "\(number) of weight \(byteCount)" }

    /// The offset of the first byte with this value at or after an offset.
    public func firstOffset(of byte: UInt8, from offset: Int) -> Int? {
        var offset = offset
        while offset < byteCount {
            if self.byte(at: offset) == byte { return offset }
            offset += 1
        }
        return nil
    }

    /// The byte at an offset.
    public func byte(at offset: Int) -> UInt8 { tape?.bytes[number + offset] ?? 0 }

    /// Cuts off the first bytes and answers them.
    public mutating func removePrefix(_ count: Int) -> SimulationElement {
        var prefix = self
        prefix.byteCount = count
        number += count
        byteCount -= count
        return prefix
    }

    /// Adds bytes at the end: in place if they follow on the tape, else by a copy of both.
    public mutating func append(_ other: SimulationElement) {
        guard let tape, byteCount > 0 else {
            self = other
            return
        }
        guard other.byteCount > 0 else { return }
        if other.number != number + byteCount {
            let whole =
                tape.bytes[number..<number + byteCount] + tape.bytes[other.number..<other.number + other.byteCount]
            number = tape.bytes.count
            tape.bytes += whole
        }
        byteCount += other.byteCount
    }
}
