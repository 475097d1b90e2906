/// The sequence of calls in a test, as text: who was told what, in which order.
///
/// The doubles of this module report into one if they are given it, and your own report with ``record(_:of:)``. Several
/// objects that share a recorder each have a name, which is written before the call: `left: pause`.
///
/// ```swift
/// let recorder = Recorder()
/// try buffer.registerProducer(StrictProducer(recorder: recorder))
/// buffer.write(contentsOf: 1...5)
/// while buffer.take() != nil {}
/// try recorder.check("pause > resume")
/// ```
public final class Recorder: CustomStringConvertible {
    private struct Call {
        var name: String
        var text: String
        var description: String { name.isEmpty ? text : "\(name): \(text)" }
    }

    private var recorded: [Call] = []

    /// Creates a recorder that has recorded nothing.
    public init() {}

    /// All calls in their order, each with the name of its object if it has one.
    public var calls: [String] { recorded.map(\.description) }

    /// The calls of one object in their order, without its name.
    public func calls(of name: String) -> [String] {
        recorded.filter { $0.name == name }.map(\.text)
    }

    /// All calls in one line, such as `pause > resume`.
    public var description: String { calls.joined(separator: " > ") }

    /// Adds a call.
    ///
    /// - Parameters:
    ///   - call: The call in words, without the character `>`, which separates calls.
    ///   - name: The object that was called; empty if there is only one.
    public func record(_ call: String, of name: String = "") {
        recorded.append(Call(name: name, text: call))
    }

    /// Forgets all calls, so that the next part of a test begins anew.
    public func clear() { recorded.removeAll() }

    /// What is different from an expected sequence; nil if nothing is.
    ///
    /// - Parameters:
    ///   - expected: The calls, separated by `>`; blanks and line breaks around a call do not count. Empty: no call.
    ///   - name: The object whose calls are compared, without its name; nil for all objects.
    public func difference(from expected: String, of name: String? = nil) -> CallDifference? {
        CallDifference(expected: CallDifference.calls(in: expected), was: name.map(calls(of:)) ?? calls)
    }

    /// Compares with an expected sequence; see ``difference(from:of:)``.
    ///
    /// - Throws: The difference, if there is one.
    public func check(_ expected: String, of name: String? = nil) throws(CallDifference) {
        if let difference = difference(from: expected, of: name) { throw difference }
    }
}

@available(*, unavailable)
extension Recorder: Sendable {}
