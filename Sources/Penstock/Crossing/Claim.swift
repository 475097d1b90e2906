import Synchronization

/// Something that only one can have, whoever comes first.
final class Claim: Sendable {
    private let isTaken = Atomic(false)

    /// Whether nobody has it.
    var isFree: Bool { !isTaken.load(ordering: .acquiring) }

    /// Takes it.
    ///
    /// - Returns: Whether it was free.
    func take() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }
}
