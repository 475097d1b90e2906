/// Something that is told of every weight a gate accepts and gives back, in one place: an account, a rate limit.
///
/// A meter expresses its wishes as a ``Hold`` on the gate, never by a mechanism of its own.
public protocol Meter: AnyObject {
    /// The meter was added to a gate; what the gate holds already comes as accepted next.
    func attached(to gate: Gate)
    /// The gate has accepted this weight.
    func accepted(_ weight: Int, at gate: Gate)
    /// This weight has been taken or dropped.
    func drained(_ weight: Int, at gate: Gate)
    /// The gate has ended, or the meter was removed from it; it may hold no reference to it any more.
    func detached(from gate: Gate)
}
