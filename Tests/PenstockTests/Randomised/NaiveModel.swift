/// What a consumer in memory should be, written down as simply as possible: lists and sums, nothing incremental.
struct NaiveModel {
    var low: Int
    var high: Int
    /// The weights of the elements that are held, oldest first, with their numbers.
    var held: [(number: Int, weight: Int)] = []
    var holds: Set<String> = []
    var written = 0
    var refused = 0
    var takenNumbers: [Int] = []
    /// Whether writes are taken.
    var isTaking = true

    var level: Int { held.map(\.weight).reduce(0, +) }
    var hasRoom: Bool { level <= high && holds.isEmpty }
    /// Whether no producer may be left paused, and no pull producer unasked, once everything has come to rest.
    var wantsElements: Bool { isTaking && level <= low && holds.isEmpty }

    mutating func write(number: Int, weight: Int) {
        if isTaking {
            held.append((number, weight))
            written += 1
        } else {
            refused += 1
        }
    }

    mutating func take() -> Int? {
        guard !held.isEmpty else { return nil }
        let number = held.removeFirst().number
        takenNumbers.append(number)
        return number
    }
}
