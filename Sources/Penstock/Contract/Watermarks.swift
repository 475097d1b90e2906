/// The two levels between which a consumer pauses and resumes its producer.
///
/// A write that lifts the level above `high` pauses; a level that has fallen to `low` or below resumes. Exactly at `high`
/// is room. Pull producers are asked while the level is at or below `low`.
public struct Watermarks: Hashable, Sendable, CustomStringConvertible {
    /// At or below this level a paused producer goes on.
    public let low: Int
    /// Above this level the producer is paused.
    public let high: Int

    /// Creates a pair of marks, in units of weight.
    ///
    /// - Precondition: `0 <= low <= high`.
    public init(low: Int, high: Int) {
        precondition(0 <= low && low <= high, "watermarks must satisfy 0 <= low <= high, not low \(low), high \(high)")
        self.low = low
        self.high = high
    }

    /// The marks for streams of bytes: 32 KiB and 64 KiB.
    public static let bytes = Watermarks(low: 32 << 10, high: 64 << 10)

    /// The two marks as `low/high`.
    public var description: String { "\(low)/\(high)" }
}
