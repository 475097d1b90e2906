import Foundation

/// A process of the tool, or of another program that talks to it.
final class ToolProcess {
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String

        var errorLines: [Substring] { errors.split(separator: "\n") }
        var outputLines: [Substring] { output.split(separator: "\n", omittingEmptySubsequences: true) }
    }

    /// The `penstock` that was built together with the tests: it lies beside them.
    static let tool: URL = {
        let bundles = Bundle.allBundles.filter { $0.bundleURL.pathExtension == "xctest" }
        let directory = bundles.first?.bundleURL.deletingLastPathComponent() ?? Bundle.main.bundleURL
        return directory.appendingPathComponent("penstock")
    }()

    private let process = Process()
    private let output = Pipe()
    private let errorText = ErrorText()
    private var pending = Data()

    /// Starts a program with some text on its standard input.
    init(_ arguments: [String], of program: URL = ToolProcess.tool, input: String = "") throws {
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = output
        let standardError = Pipe()
        process.standardError = standardError
        let standardInput = Pipe()
        process.standardInput = standardInput
        try process.run()
        errorText.read(standardError.fileHandleForReading)
        // A few bytes, which the pipe takes at once.
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Runs a program to its end.
    static func run(_ arguments: [String], of program: URL = ToolProcess.tool, input: String = "") async throws
        -> Outcome
    {
        try await ToolProcess(arguments, of: program, input: input).outcome()
    }

    /// Where a program is found; nil if it is not installed.
    static func find(_ name: String) -> URL? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    func signal(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// What is on stderr so far.
    var errors: String { errorText.soFar }

    /// Waits until something is said on stderr; false if the process ends without it.
    func says(_ words: String) async -> Bool { await errorText.contains(words) }

    /// The next line on standard output; nil at its end.
    func nextLine() async -> String? {
        let handle = output.fileHandleForReading
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                let line = String(decoding: pending[pending.startIndex..<end], as: UTF8.self)
                pending = Data(pending[(end + 1)...])
                return line
            }
            let more = await Self.blocking { handle.availableData }
            guard !more.isEmpty else { return nil }
            pending += more
        }
    }

    /// Waits for the end of the process.
    func outcome() async throws -> Outcome {
        let handle = output.fileHandleForReading
        let rest = await Self.blocking { (try? handle.readToEnd()) ?? Data() }
        let waiting = Waiting(process)
        await Self.blocking { waiting.process.waitUntilExit() }
        // As a shell reports a process that was killed.
        let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
        let errors = await errorText.whole()
        return Outcome(status: status, output: String(decoding: pending + rest, as: UTF8.self), errors: errors)
    }

    // Safe: used by one thread at a time, to call `waitUntilExit`, while the test awaits that call.
    private struct Waiting: @unchecked Sendable {
        let process: Process
        init(_ process: Process) { self.process = process }
    }

    /// Blocks a thread that nobody misses, instead of one of the few that run the tests.
    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
