/// A sequence of calls and of the signals that must follow from them, in a notation that reads like the contract.
///
/// ```swift
/// try CallSequence("register push > write 70000 > pause > drain 40000 > resume").run(on: .transport())
/// ```
///
/// It is a list of steps, separated by `>`. A step is a command, which is carried out, or something that must follow from the
/// last command before it: a signal, in exactly this order and no other between, or a state, looked up when the command is
/// over. The article <doc:TheNotation> has all the words.
public struct CallSequence: Sendable, CustomStringConvertible {
    /// The text as it was given.
    public let text: String
    let lines: [SequenceLine]

    /// Reads a sequence.
    ///
    /// - Throws: ``SequenceSyntaxError``, which names the word that is not understood and where it is.
    public init(_ text: String) throws(SequenceSyntaxError) {
        self.text = text
        var parser = SequenceParser(text)
        lines = try parser.lines()
    }

    /// The steps in one line, with one blank between words.
    public var description: String { lines.map(\.text).joined(separator: " > ") }

    /// Carries out the commands on a consumer and checks what follows from each.
    ///
    /// Ends with the first command that something else follows from than is written. Everything runs before this returns.
    ///
    /// - Parameter bench: The consumer and what is around it; a fresh one for each run.
    /// - Throws: ``SequenceFailure`` with the whole sequence and the point of the first difference.
    public func run<Element>(on bench: TestBench<Element>) throws(SequenceFailure) {
        let run = SequenceRun(bench)
        for (index, line) in lines.enumerated() {
            guard let problem = run.problem(with: line) else { continue }
            throw SequenceFailure(
                lines: lines.map(\.text),
                line: index + 1,
                problem: problem,
                happened: ([line.command] + run.recorder.calls).joined(separator: " > ")
            )
        }
    }
}
