/// A common credit for the levels of several consumers: what they hold together stays bounded.
///
/// Add it to the gates of the consumers with ``Gate/add(_:)``. When what they hold together exceeds the limit, each of
/// them gets the hold ``Hold/budget``; when it has fallen to the low mark, the hold goes. So together they hold at most
/// the limit plus one element.
public final class Account: Meter {
    /// When to hold and when to release.
    public let marks: Watermarks
    /// What all gates hold together now.
    public private(set) var used = 0
    /// The most they have held together.
    public private(set) var peak = 0
    /// Whether the gates are being held.
    public private(set) var isExhausted = false

    private var gates: [Gate] = []
    private var departures = 0

    /// Creates an account.
    ///
    /// - Parameter marks: Above `high` the gates are held, at or below `low` they are released.
    public init(marks: Watermarks) {
        self.marks = marks
    }

    /// Creates an account that releases at half its limit.
    public convenience init(limit: Int) {
        self.init(marks: Watermarks(low: limit / 2, high: limit))
    }

    /// Remembers a gate, and holds it if there is no credit.
    public func attached(to gate: Gate) {
        gates.append(gate)
        if isExhausted { gate.hold(.budget) }
    }

    /// Charges what a gate accepted.
    public func accepted(_ weight: Int, at gate: Gate) {
        used += weight
        peak = max(peak, used)
        guard !isExhausted, used > marks.high else { return }
        isExhausted = true
        let before = departures
        for gate in gates where departures == before || has(gate) {
            gate.hold(.budget)
            // A producer paused just now may have given credit back, and then nobody may stay held.
            guard isExhausted else { return }
        }
    }

    /// Credits what a gate gave back.
    public func drained(_ weight: Int, at gate: Gate) {
        used -= weight
        guard isExhausted, used <= marks.low else { return }
        isExhausted = false
        let before = departures
        for gate in gates where departures == before || has(gate) {
            gate.release(.budget)
            // A producer resumed just now may have used the credit up again; next time it comes last (C8.4).
            if isExhausted { return moveToEnd(gate) }
        }
    }

    /// Forgets a gate.
    public func detached(from gate: Gate) {
        gates.removeAll { $0 === gate }
        departures &+= 1
        gate.release(.budget)
    }

    /// A signal to the producer of one gate may take another gate away, which must not be held then.
    private func has(_ gate: Gate) -> Bool { gates.contains { $0 === gate } }

    private func moveToEnd(_ gate: Gate) {
        guard let index = gates.firstIndex(where: { $0 === gate }) else { return }
        gates.append(gates.remove(at: index))
    }
}

@available(*, unavailable)
extension Account: Sendable {}
