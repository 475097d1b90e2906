import Testing

@Suite("C9.1: the compiler lets nothing leave its isolation domain", .enabled(if: CompilerRun.isPossible))
struct IsolationTests {
    @Test("Code that stays in one domain compiles")
    func stays() throws {
        let outcome = try CompilerRun.compile("StaysInItsDomain")
        #expect(outcome.isAccepted, "\(outcome.messages)")
    }

    @Test(
        "Code that takes one of them out does not, because of the isolation",
        arguments: [
            "CapturedByTask", "CapturedByDetachedTask", "CapturedBySendableClosure", "SentToAnActor",
            "RequiredToBeSendable",
        ]
    )
    func leaves(fixture: String) throws {
        let outcome = try CompilerRun.compile(fixture)
        #expect(!outcome.isAccepted)
        // For the right reason, not for a module that was not found.
        let reasons = ["sending", "Sendable", "data race"]
        #expect(reasons.contains { outcome.messages.contains($0) }, "\(outcome.messages)")
        #expect(!outcome.messages.contains("no such module"))
    }
}
