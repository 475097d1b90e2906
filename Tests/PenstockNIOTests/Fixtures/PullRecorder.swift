import Penstock

/// A pull producer that counts what it is asked and answers as the test says.
final class PullRecorder: PullProducer {
    private(set) var questions = 0
    private(set) var stops: [EndReason] = []
    /// Called inside each question, with its number.
    var answer: (Int) -> Void = { _ in }

    func resumeProducing() {
        questions += 1
        answer(questions)
    }

    func stopProducing(_ reason: EndReason) { stops.append(reason) }
}
