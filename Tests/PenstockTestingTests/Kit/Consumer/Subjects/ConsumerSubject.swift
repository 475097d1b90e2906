import Penstock
import PenstockTesting
import Testing

/// A consumer of the package under the whole kit: one line a subject in ``all``.
struct ConsumerSubject: Sendable, CustomTestStringConvertible {
    let name: String
    let verdict: @Sendable (ContractRule) async -> RuleVerdict
    let report: @Sendable () async -> ConformanceReport

    var testDescription: String { name }

    static let options = KitOptions(randomOrders: 25, recursions: 2_000)

    init<Element>(
        _ name: String,
        marks: Watermarks = Watermarks(low: 40, high: 80),
        excused: [ContractRule: String] = [:],
        make: @escaping @Sendable (Watermarks) throws -> ConsumerUnderTest<Element>
    ) {
        self.name = name
        let suite = { @Sendable in
            var options = Self.options
            options.excused = excused
            return ConsumerSuite<Element>(name, marks: marks, options: options) { marks in try make(marks) }
        }
        verdict = { rule in await suite().verdict(on: rule) }
        report = { await suite().run() }
    }

    /// Marks for byte elements, which weigh 64 more than they have bytes.
    static let byteMarks = Watermarks(low: 400, high: 800)

    static let all: [ConsumerSubject] = [
        ConsumerSubject("Buffer of numbers", make: numberBuffer),
        ConsumerSubject("Buffer of bytes", marks: byteMarks, make: byteBuffer),
        ConsumerSubject("Collector", make: collector),
        ConsumerSubject("NullConsumer", make: nullConsumer),
        ConsumerSubject("Duplex, left", make: { try duplex($0, isLeft: true) }),
        ConsumerSubject("Duplex, right", make: { try duplex($0, isLeft: false) }),
        ConsumerSubject("TestTransport, connected", make: { transport($0, isConnected: true) }),
        ConsumerSubject("TestTransport, connecting", make: { transport($0, isConnected: false) }),
        // Each of its elements weighs 1, whatever it is told.
        ConsumerSubject("ScriptedConsumer", marks: Watermarks(low: 4, high: 8), make: scripted),
        ConsumerSubject("RecordingConsumer", make: recording),
        ConsumerSubject("CrossingConsumer", make: crossing),
        ConsumerSubject("Map", make: map),
        ConsumerSubject("PushFromPull", make: pushFromPull),
        ConsumerSubject("LineFramer", marks: byteMarks, make: lineFramer),
    ]
}
