@testable import PenstockNIO

extension EventLoopScheduler {
    /// Returns on a later turn, when the loop has looked at its sockets.
    ///
    /// A timer does not promise that: if the turn has taken longer than the timer, the loop runs it first.
    func laterTurn() async {
        await withCheckedContinuation { continuation in onLaterTurn { continuation.resume() } }
    }
}
