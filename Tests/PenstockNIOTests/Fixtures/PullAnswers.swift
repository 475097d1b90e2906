import Synchronization

/// How often a pull producer was asked, for a test that is not on its loop.
final class PullAnswers: Sendable {
    private let most = Atomic(0)

    var questions: Int { most.load(ordering: .relaxed) }

    func count(_ number: Int) { most.store(number, ordering: .relaxed) }
}
