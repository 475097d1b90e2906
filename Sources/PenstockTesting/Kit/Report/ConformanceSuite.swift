/// A suite of the kit: it makes a fresh subject for every check, and reports rule by rule.
///
/// Run the whole with ``run()``, which never throws, or one rule at a time from a parameterised test:
///
/// ```swift
/// @Test(arguments: ConsumerSuite<Int>.rules)
/// func keeps(_ rule: ContractRule) async throws { try await suite.check(rule) }
/// ```
///
/// Everything runs in the isolation of the caller, which must be that of the subject.
public protocol ConformanceSuite {
    /// A fresh subject with everything around it.
    associatedtype Trial: ConformanceTrial

    /// The rules that this suite checks, in the order of the contract.
    static var rules: [ContractRule] { get }
    /// The name of what is tested.
    var subject: String { get }
    /// As what it is tested.
    var role: String { get }
    /// How thorough, and which rules are left out.
    var options: KitOptions { get }
    /// The checks of a rule.
    func checks(of rule: ContractRule) -> [ConformanceCheck<Trial>]
    /// Makes a trial for one check.
    func makeTrial(seed: UInt64) async throws -> Trial
}

/// A fresh subject of a suite, the calls that were made, and what remains to be looked at when a check is over.
public protocol ConformanceTrial {
    /// The calls and signals so far.
    var calls: [String] { get }
    /// Called after a check that found nothing: finds what is wrong with any subject at any time, such as an illegal signal.
    ///
    /// - Throws: ``TrialFailure``.
    func audit() async throws
    /// Called after every check: lets go of what the subject needs, such as a connection.
    func close() async
}

extension ConformanceTrial {
    /// There is nothing to let go of.
    public func close() async {}
}

/// One thing that a suite tries on a fresh subject.
public struct ConformanceCheck<Trial> {
    /// What is tried, in words that complete "C4.1: …".
    public let name: String
    /// How often it is tried, each time on a fresh subject with a seed of its own; 1 for a check without chance.
    public let times: Int
    /// Tries it.
    ///
    /// Throws a ``TrialFailure`` if the rule is broken, or ``NotApplicable`` if it does not concern the subject.
    public let body: (Trial) async throws -> Void

    /// Creates a check.
    public init(_ name: String, times: Int = 1, _ body: @escaping (Trial) async throws -> Void) {
        self.name = name
        self.times = times
        self.body = body
    }
}

/// What was expected and what happened instead.
public struct TrialFailure: Error, CustomStringConvertible {
    /// In words.
    public let description: String

    /// Creates a failure.
    public init(_ description: String) { self.description = description }
}

/// A check does not concern the subject.
public struct NotApplicable: Error {
    /// Why.
    public let reason: String

    /// Creates one.
    public init(_ reason: String) { self.reason = reason }
}

extension ConformanceSuite {
    /// Tries every rule.
    public func run() async -> ConformanceReport {
        var lines: [ConformanceReport.Line] = []
        for rule in Self.rules { lines.append(.init(rule: rule, verdict: await verdict(on: rule))) }
        return ConformanceReport(subject: subject, role: role, lines: lines)
    }

    /// Tries one rule, for a test.
    ///
    /// - Throws: The first ``RuleBreach``.
    public func check(_ rule: ContractRule) async throws(RuleBreach) {
        if case .broken(let breaches) = await verdict(on: rule), let first = breaches.first { throw first }
    }

    /// Tries one rule.
    public func verdict(on rule: ContractRule) async -> RuleVerdict {
        if let reason = options.excused[rule] { return unable(rule, reason) }
        var passed = 0
        var breaches: [RuleBreach] = []
        var excuse = "this suite has no check of it"
        for check in checks(of: rule) {
            switch await result(of: check, rule: rule) {
            case .success: passed += 1
            case .failure(.excused(let reason)): excuse = reason
            case .failure(.broken(let breach)): breaches.append(breach)
            }
        }
        if !breaches.isEmpty { return .broken(breaches) }
        return passed > 0 ? .kept(checks: passed) : unable(rule, excuse)
    }

    private func unable(_ rule: ContractRule, _ reason: String) -> RuleVerdict {
        guard options.required.contains(rule) else { return .notApplicable(reason) }
        let problem = "it is required, and it was not tried: \(reason)"
        return .broken([RuleBreach(rule: rule, check: "every check", problem: problem, calls: [], seed: options.seed)])
    }

    private func result(
        of check: ConformanceCheck<Trial>,
        rule: ContractRule
    ) async -> Result<Void, CheckEnd> {
        for round in 0..<max(1, check.times) {
            let seed = options.seed &+ UInt64(round)
            func breach(_ problem: String, _ calls: [String]) -> Result<Void, CheckEnd> {
                .failure(.broken(RuleBreach(rule: rule, check: check.name, problem: problem, calls: calls, seed: seed)))
            }
            let trial: Trial
            do { trial = try await makeTrial(seed: seed) } catch let excuse as NotApplicable {
                return .failure(.excused(excuse.reason))
            } catch {
                return breach("no subject could be made: \(error)", [])
            }
            var failed: Result<Void, CheckEnd>?
            do {
                try await check.body(trial)
                try await trial.audit()
            } catch let excuse as NotApplicable {
                failed = .failure(.excused(excuse.reason))
            } catch {
                failed = breach("\(error)", trial.calls)
            }
            await trial.close()
            if let failed { return failed }
        }
        return .success(())
    }
}

private enum CheckEnd: Error {
    case excused(String)
    case broken(RuleBreach)
}
