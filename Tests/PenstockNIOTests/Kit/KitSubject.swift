import NIOCore
import PenstockTesting

/// A part of the package under a suite of the kit: one line a subject in the lists.
struct KitSubject: Sendable {
    let name: String
    let rules: [ContractRule]
    /// Tries a rule on fresh subjects, in the isolation of the caller, which is that of the event loop.
    let verdict: @Sendable (ContractRule, any EventLoop) async -> RuleVerdict

    init<Suite: ConformanceSuite & SendableMetatype>(
        _ name: String,
        _ make: @escaping @Sendable (String, any EventLoop) -> Suite
    ) {
        self.name = name
        rules = Suite.rules
        verdict = { rule, eventLoop in await make(name, eventLoop).verdict(on: rule) }
    }

    /// What opens sockets.
    static let onSockets: [KitSubject] = [
        KitSubject("transport on TCP") { transport($0, .tcp, $1) },
        KitSubject("transport on UNIX") { transport($0, .unix, $1) },
        KitSubject("transport on UNIX with a tiny buffer") { transport($0, .unixTinyBuffer, $1) },
        KitSubject("transport before a relay on TCP") { transport($0, .tcp, isRelayed: true, $1) },
        KitSubject("transport before a relay on UNIX") { transport($0, .unix, isRelayed: true, $1) },
        KitSubject("consumer on TCP") { consumer($0, .tcp, $1) },
        KitSubject("consumer on UNIX") { consumer($0, .unix, $1) },
        KitSubject("consumer on UNIX with a tiny buffer") { consumer($0, .unixTinyBuffer, $1) },
        KitSubject("producer on TCP") { producer($0, .tcp, $1) },
        KitSubject("producer on UNIX") { producer($0, .unix, $1) },
    ]

    /// What opens none.
    static let others: [KitSubject] = [
        KitSubject("transport on a scripted channel") { name, _ in ScriptedLine.transport(name) },
        KitSubject("consumer on a scripted channel") { name, _ in ScriptedLine.consumer(name) },
        KitSubject("producer on a scripted channel") { name, _ in ScriptedLine.producer(name) },
        KitSubject("FileSource") { fileSource($0, range: nil, $1) },
        KitSubject("FileSource, a range") { fileSource($0, range: 100..<1500, $1) },
    ]

    /// The rules that concern any of these.
    static func rules(of subjects: [KitSubject]) -> [ContractRule] {
        var rules: [ContractRule] = []
        for rule in subjects.flatMap(\.rules) where !rules.contains(rule) { rules.append(rule) }
        return rules
    }
}
