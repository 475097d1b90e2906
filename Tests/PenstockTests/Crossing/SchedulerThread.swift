import Dispatch
import Foundation
import Penstock
import Synchronization

/// An isolation domain that is a thread of its own and sleeps while its scheduler is idle.
final class SchedulerThread: Sendable {
    private let bell = DispatchSemaphore(value: 0)
    private let isOver = Atomic(false)

    /// Starts the thread; the body sets up its streams in it.
    init(_ body: @escaping @Sendable (ManualScheduler) -> Void) {
        Thread.detachNewThread { [self] in
            let scheduler = ManualScheduler(wake: { [bell] in bell.signal() })
            body(scheduler)
            while !isOver.load(ordering: .acquiring) {
                if !scheduler.runTurn() { bell.wait() }
            }
        }
    }

    /// Lets the thread end.
    func stop() {
        isOver.store(true, ordering: .releasing)
        bell.signal()
    }
}
