/// The one place in front of a buffer where its asynchronous readers wait.
///
/// It belongs to the buffer, not to the reader: a second reader finds the first one waiting, and never takes its wake-up.
package final class ReaderSeat {
    /// Woken when there is something to read, or the end.
    package let waker: Waker
    /// Whether a loop is under way.
    package var isVisited = false

    package init(scheduler: any Scheduler) {
        waker = Waker(scheduler: scheduler)
    }
}

@available(*, unavailable)
extension ReaderSeat: Sendable {}
