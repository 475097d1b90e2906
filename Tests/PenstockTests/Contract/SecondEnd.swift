import Penstock
import Testing

/// A row of the table: how a stream with something held is ended twice, and what is heard of it.
struct SecondEnd: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var first: @Sendable (Buffer<Int>) -> Void
    var second: @Sendable (Buffer<Int>) -> Void
    /// The number of the error that the owner is told, or the code of an end without one.
    var told: String
    var ignored: [String]

    static let all = [
        SecondEnd("failed, then aborted", fail, { $0.abort(.cancelled) }, "1", ["ignoredEnd(cancelled)"]),
        SecondEnd(
            "failed, then aborted with an error",
            fail,
            { $0.abort(.failed(TestFailure(number: 2))) },
            "1",
            ["ignoredEnd(failed)"]
        ),
        SecondEnd(
            "failed, then aborted twice",
            fail,
            { buffer in
                buffer.abort(.cancelled)
                buffer.abort(.aborted)
            },
            "1",
            ["ignoredEnd(cancelled)", "ignoredEnd(aborted)"]
        ),
        SecondEnd(
            "failed, then lost",
            fail,
            { $0.gate.end(EndReason(.lost), telling: .later) },
            "1",
            ["ignoredEnd(lost)"]
        ),
        SecondEnd("finished, then aborted", { $0.finish() }, { $0.abort(.cancelled) }, "cancelled", []),
        SecondEnd("aborted, then failed", { $0.abort(.cancelled) }, fail, "cancelled", ["ignoredEnd(failed)"]),
    ]

    private static let fail: @Sendable (Buffer<Int>) -> Void = { $0.fail(TestFailure(number: 1)) }

    private init(
        _ name: String,
        _ first: @escaping @Sendable (Buffer<Int>) -> Void,
        _ second: @escaping @Sendable (Buffer<Int>) -> Void,
        _ told: String,
        _ ignored: [String]
    ) {
        testDescription = name
        self.first = first
        self.second = second
        self.told = told
        self.ignored = ignored
    }
}
