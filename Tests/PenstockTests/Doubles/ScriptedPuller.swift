import Penstock

/// A pull producer that does in each question what the test says, and counts what it is told.
final class ScriptedPuller: PullProducer {
    private(set) var questions = 0
    private(set) var stops: [EndReason] = []
    private(set) var deepest = 0
    private var depth = 0

    /// Called inside every question with its number, beginning with 1.
    var onAsk: ((Int) -> Void)?
    /// Called inside the stop.
    var onStop: (() -> Void)?

    func resumeProducing() {
        questions += 1
        depth += 1
        deepest = max(deepest, depth)
        onAsk?(questions)
        depth -= 1
    }

    func stopProducing(_ reason: EndReason) {
        stops.append(reason)
        onStop?()
    }
}
