import Foundation

/// Runs the compiler on a fixture, with the modules of the build that the tests belong to.
enum CompilerRun {
    struct Outcome {
        var isAccepted: Bool
        var messages: String
    }

    /// The compiler on the search path.
    static let compiler: URL? = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").lazy
            .map { URL(filePath: String($0)).appending(path: "swiftc") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    /// The folder with `Penstock.swiftmodule`: above the running test bundle.
    static let modules: URL? = {
        var candidates = Bundle.allBundles.map(\.bundleURL)
        if let argument = CommandLine.arguments.first { candidates.append(URL(filePath: argument)) }
        candidates.append(Bundle.main.bundleURL)
        for candidate in candidates {
            var folder = candidate
            for _ in 0..<6 {
                let modules = folder.appending(path: "Modules")
                let module = modules.appending(path: "Penstock.swiftmodule")
                if FileManager.default.fileExists(atPath: module.path) { return modules }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }()

    static let isPossible = compiler != nil && modules != nil

    /// Compiles a file of the folder `Fixtures`, whose contents are invisible without the flag, as far as region isolation is checked, and throws the result away.
    static func compile(_ fixture: String) throws -> Outcome {
        guard let compiler, let modules else { return Outcome(isAccepted: false, messages: "there is no compiler") }
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures")
        let process = Process()
        process.executableURL = compiler
        process.arguments = [
            "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-D", "PENSTOCK_FIXTURE", "-I", modules.path,
            fixtures.appending(path: fixture + ".swift").path,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            isAccepted: process.terminationStatus == 0,
            messages: String(decoding: output, as: UTF8.self)
        )
    }
}
