import Foundation
import PenstockNIO
import Testing

@testable import PenstockTool

extension ToolTests {
    /// The demo with less to do; the real one is run as it is by `.ci/run`.
    @Suite struct DemoTests {
        @Test("a small demo holds in every point")
        func small() async throws {
            let plan = DemoPlan(
                fileSize: 16 << 20,
                clients: [
                    .init(name: "fast", server: .numbers, manner: .fast, count: 500_000),
                    .init(name: "slow", server: .file, manner: .slow(rate: 12 << 20)),
                    .init(
                        name: "stopping",
                        server: .file,
                        manner: .stopping(after: 1 << 20, pause: .milliseconds(300))
                    ),
                    .init(
                        name: "resetting",
                        server: .numbers,
                        manner: .resetting(after: 1 << 20, rate: 4 << 20),
                        count: 5_000_000
                    ),
                ]
            )
            let verdicts = try await Demo(plan: plan, transport: TransportConfiguration(), chunkSize: 16 << 10).run()
            #expect(verdicts.count == 6)
            // Other tests open and close descriptors of this process meanwhile.
            for verdict in verdicts where verdict.subject != "descriptors" { #expect(verdict.holds, "\(verdict)") }
        }
    }
}
