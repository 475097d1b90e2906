/// Every history of a small world up to a length: what is not found here does not happen in so few steps.
///
/// ```swift
/// let alphabet = try SimulationScript("""
///     node buffer 0/0
///     push 0 0 1
///     write 0 1 0
///     take 0
///     turn
///     """)
/// try Exploration(of: alphabet, length: 6).run()
/// ```
///
/// The histories share nothing, so their number is that of the events to the power of the length, less those in which an
/// event could not do anything: such a history was looked at without it.
public struct Exploration {
    /// The world, and the events of which histories are made.
    public let alphabet: SimulationScript
    /// What happens before each history.
    public let opening: SimulationScript?
    /// How many events a history has.
    public let length: Int
    private let subject: SimulationSubject.Maker?

    /// Creates an exploration.
    ///
    /// - Parameters:
    ///   - alphabet: A world; its steps are the events, each of which may happen any number of times.
    ///   - opening: Steps that come before each history; its world, if it names one, is not looked at.
    ///   - length: How many events a history has.
    ///   - subject: Makes the consumer that stands for the nodes of the kind `subject`.
    public init(
        of alphabet: SimulationScript,
        after opening: SimulationScript? = nil,
        length: Int,
        subject: SimulationSubject.Maker? = nil
    ) {
        self.alphabet = alphabet
        self.opening = opening
        self.length = length
        self.subject = subject
    }

    /// Goes through all histories.
    ///
    /// - Returns: How many histories were looked at.
    /// - Throws: ``SimulationFailure`` with the first one that breaks a rule.
    @discardableResult
    public func run() throws(SimulationFailure) -> Int {
        let events = alphabet.steps
        guard !events.isEmpty, length > 0 else { return 0 }
        var numbers = [Int](repeating: 0, count: length)
        let opened = opening?.steps ?? []
        var script = SimulationScript(world: alphabet.world, steps: opened + numbers.map { events[$0] })
        var count = 0
        while true {
            let (breach, idle) = SimulationRun.breach(of: script, subject: subject, untilIdle: true)
            count += 1
            if let breach {
                var shrinking = SimulationShrinking(
                    SimulationFailure(seed: nil, breach: breach, script: script),
                    subject: subject
                )
                shrinking.shrink()
                throw shrinking.best
            }
            // Whatever follows an event that did nothing follows without it too.
            var place = length - 1
            if let idle, idle >= opened.count { place = idle - opened.count }
            for later in place + 1..<max(length, place + 1) { numbers[later] = 0 }
            while place >= 0, numbers[place] == events.count - 1 {
                numbers[place] = 0
                place -= 1
            }
            guard place >= 0 else { return count }
            numbers[place] += 1
            for (offset, number) in numbers.enumerated() { script.steps[opened.count + offset] = events[number] }
        }
    }
}

@available(*, unavailable)
extension Exploration: Sendable {}
