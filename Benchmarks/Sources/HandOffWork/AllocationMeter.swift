import CAllocationCount

extension HandOff {
    /// How many allocations one more element costs, or nil where they cannot be counted.
    ///
    /// It is the difference between a run of twice as many elements and a run of `elements`, so that what is
    /// allocated once per run does not count.
    public func allocationsPerElement(elements: Int) -> Double? {
        guard allocation_count_is_available() else { return nil }
        _ = run(elements: elements)
        let once = allocations(elements: elements)
        let twice = allocations(elements: elements * 2)
        return (Double(twice) - Double(once)) / Double(elements)
    }

    private func allocations(elements: Int) -> UInt64 {
        allocation_count_begin()
        _ = run(elements: elements)
        return allocation_count_end().allocations
    }
}

/// A check of the counter itself, against allocations whose number is known.
public enum AllocationSelfTest {
    private final class Box {
        let value: Int

        init(_ value: Int) {
            self.value = value
        }
    }

    /// Makes `objects` class instances and `objects` byte arrays, and returns how many allocations were counted.
    ///
    /// A working counter answers twice the number of objects, plus one for the array that holds the instances.
    public static func count(objects: Int) -> (allocations: Int, frees: Int) {
        var sum = 0
        allocation_count_begin()
        do {
            var boxes: [Box] = []
            boxes.reserveCapacity(objects)
            for value in 0..<objects {
                boxes.append(Box(value))
            }
            for box in boxes {
                sum &+= keep([UInt8](repeating: UInt8(truncatingIfNeeded: box.value), count: 100))
            }
        }
        let counted = allocation_count_end()
        precondition(sum >= 0)
        return (Int(counted.allocations), Int(counted.frees))
    }

    @inline(never)
    private static func keep(_ bytes: [UInt8]) -> Int {
        Int(bytes[bytes.count - 1])
    }
}
