/// A simulated world and the steps that are taken in it, in a text form.
///
/// ```text
/// node buffer 1/2
/// node map 1/2 > 0
/// meter account 2/4
/// push 1 6 1
/// in pause 1: write 1 3 0
/// attach 1 0
/// take 0
/// rest
/// ```
///
/// A line is a node, a meter or a step; `#` begins a comment. Nodes and meters are numbered from 0 in their order. A step
/// with `in` waits for the next signal of that kind at that node and is taken inside it; there are `pause`, `resume`, `ask`,
/// `stop`, `readable`, `ended`, `done`, `transform`, `element`, and `accepted` and `drained` of the meter with that number.
/// The article <doc:TheSimulator> has all the words.
///
/// When all steps have been taken, everything is released, read out and ended, so that what was left behind shows.
public struct SimulationScript: Hashable, Sendable, CustomStringConvertible {
    var world = SimulationWorld()
    var steps: [SimulationStep] = []

    init(world: SimulationWorld, steps: [SimulationStep]) {
        self.world = world
        self.steps = steps
    }

    /// Reads a script.
    ///
    /// - Throws: ``SimulationSyntaxError``, which names the line that is not understood.
    public init(_ text: String) throws(SimulationSyntaxError) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = (line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first ?? "")
                .split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
            guard !words.isEmpty else { continue }
            if world.add(words) { continue }
            guard let step = SimulationStep(words) else {
                throw SimulationSyntaxError(line: index + 1, text: String(line))
            }
            steps.append(step)
        }
    }

    /// How many steps there are.
    public var count: Int { steps.count }

    /// The text, which reads back as the same script.
    public var description: String {
        (world.lines + steps.map(\.description)).joined(separator: "\n")
    }

    /// Takes all steps and checks the contract after each.
    ///
    /// - Parameter subject: Makes the consumer that stands for the nodes of the kind `subject`.
    /// - Throws: ``SimulationFailure`` with this script, not shrunk.
    public func run(subject: SimulationSubject.Maker? = nil) throws(SimulationFailure) {
        if let failure = failure(subject: subject) { throw failure }
    }

    func failure(subject: SimulationSubject.Maker?) -> SimulationFailure? {
        guard let breach = SimulationRun.breach(of: self, subject: subject).breach else { return nil }
        return SimulationFailure(seed: nil, breach: breach, script: self)
    }
}
