/// Gives the turns and the time of an isolation domain: an event loop, a virtual clock, or a program that turns by hand.
///
/// All methods are called from the domain, and all work runs in it.
public protocol Scheduler: AnyObject {
    /// The time since some fixed moment; never goes back.
    var now: Duration { get }

    /// The budget that all streams of the domain share.
    var turn: TurnBudget { get }

    /// Runs the work on a later turn, after the domain has had a chance to do its I/O; in the order of the calls.
    func onLaterTurn(_ work: @escaping () -> Void)

    /// Runs the work once the duration has passed.
    ///
    /// - Returns: Something to call it off with.
    @discardableResult
    func schedule(after delay: Duration, _ work: @escaping () -> Void) -> ScheduledWork

    /// Makes something by which others, in any other domain, have this work run in this one (C9.3).
    ///
    /// The work runs on a turn to come, once however often the bell has rung until then, and is kept until the bell is gone.
    /// A scheduler of your own hands this on to a ``BellBoard``.
    func makeBell(_ work: @escaping () -> Void) -> Bell
}
