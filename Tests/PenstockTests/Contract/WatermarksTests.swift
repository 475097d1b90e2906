import Penstock
import Testing

@Suite("C0: marks")
struct WatermarksTests {
    @Test("They may be equal, and zero")
    func legal() {
        #expect(Watermarks(low: 0, high: 0).description == "0/0")
        #expect(Watermarks(low: 3, high: 3).description == "3/3")
        #expect(Watermarks.bytes == Watermarks(low: 32_768, high: 65_536))
    }

    @Test("A low mark below zero or above the high one is a precondition failure")
    func illegal() async {
        await #expect(processExitsWith: .failure) { _ = Watermarks(low: -1, high: 4) }
        await #expect(processExitsWith: .failure) { _ = Watermarks(low: 5, high: 4) }
    }

    @Test("What is not held cannot be drained, and a bracket that is not open cannot be left")
    func misuse() async {
        await #expect(processExitsWith: .failure) {
            var flow = FlowControl(marks: .bytes)
            flow.accept(weight: 1)
            _ = flow.drain(weight: 2)
        }
        await #expect(processExitsWith: .failure) {
            var flow = FlowControl(marks: .bytes)
            _ = flow.leave()
        }
        await #expect(processExitsWith: .failure) {
            var flow = FlowControl(marks: .bytes)
            _ = try? flow.register(.none)
        }
    }
}
