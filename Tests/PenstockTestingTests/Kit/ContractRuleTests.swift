import PenstockTesting
import Testing

@Suite struct ContractRuleTests {
    @Test func numbersAreUniqueAndFound() {
        #expect(Set(ContractRule.all.map(\.number)).count == ContractRule.all.count)
        #expect(ContractRule(number: "C4.2") == .c4_2)
        #expect(ContractRule(number: "C99.1") == nil)
        #expect("\(ContractRule.c4_2)" == "C4.2 Resume, at the low mark")
    }

    @Test func aBreachFoldsCallsThatAreRepeated() {
        let calls = ["ask", "write 1", "write 1", "ask", "write 2", "write 2", "write 2", "ask"]
        let breach = RuleBreach(rule: .c4_1, check: "a write", problem: "no pause", calls: calls, seed: 7)
        #expect(breach.description.hasSuffix("  calls: ask > write 1 > write 1 > ask > write 2 x3 > ask"))
    }

    @Test func aTableShowsTheFirstOfSeveralBreaches() {
        let breaches = ["no pause", "no resume", "no stop"].map {
            RuleBreach(rule: .c4_1, check: "a write", problem: $0, calls: [], seed: 7)
        }
        let report = ConformanceReport(
            subject: "queue",
            role: "consumer",
            lines: [.init(rule: .c4_1, verdict: .broken(breaches))]
        )
        #expect(report.description.contains("broken: no pause (and 2 more)\n"))
        #expect(report.description.contains("a write: no stop (seed 7)"))
    }

    @Test func aReportAsTableAndAsJSON() {
        let breach = RuleBreach(rule: .c4_1, check: "a write", problem: "no \"pause\"", calls: ["write 1"], seed: 7)
        let report = ConformanceReport(
            subject: "queue",
            role: "consumer",
            lines: [
                .init(rule: .c1_1, verdict: .kept(checks: 2)),
                .init(rule: .c1_8, verdict: .notApplicable("it is not upgraded")),
                .init(rule: .c4_1, verdict: .broken([breach])),
            ]
        )
        #expect(!report.isConforming)
        #expect(report.breaches == [breach])
        #expect(
            report.description == """
                queue as a consumer: does not conform
                  C1.1 One producer             kept (2 checks)
                  C1.8 Upgrade in place         not applicable: it is not upgraded
                  C4.1 Pause, inside the write  broken: no "pause"

                C4.1 Pause, inside the write is broken: a write: no "pause" (seed 7)
                  calls: write 1

                """
        )
        #expect(
            report.json == #"{"subject":"queue","role":"consumer","conforms":false,"rules":["#
                + #"{"rule":"C1.1","title":"One producer","verdict":"kept","checks":2},"#
                + #"{"rule":"C1.8","title":"Upgrade in place","verdict":"not applicable","reason":"it is not upgraded"},"#
                + #"{"rule":"C4.1","title":"Pause, inside the write","verdict":"broken","breaches":[{"check":"a write","#
                + #""problem":"no \"pause\"","seed":7,"calls":["write 1"]}]}]}"#
        )
    }
}
