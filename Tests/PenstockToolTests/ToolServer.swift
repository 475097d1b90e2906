import Foundation
import Testing

/// A server of the tool that is ready for connections.
final class ToolServer {
    let process: ToolProcess
    /// Where it listens.
    let address: String

    /// Starts it and waits for the line that says where it listens.
    init(_ arguments: [String]) async throws {
        process = try ToolProcess(arguments)
        guard let line = await process.nextLine(), let end = line.firstIndex(of: ","), line.hasPrefix("listening on ")
        else {
            throw StartError(description: "\(arguments) did not start: \(process.errors)")
        }
        address = String(line[..<end].dropFirst("listening on ".count))
    }

    struct StartError: Error, CustomStringConvertible {
        var description: String
    }

    /// A listen address of a kind, free to use.
    static func freeAddress(_ kind: AddressKind) -> String {
        switch kind {
        case .tcp: "127.0.0.1:0"
        // In /tmp, not in the directory for temporary files: the path of a socket must be short.
        case .unix: "unix:/tmp/penstock-\(UUID().uuidString.prefix(13)).sock"
        }
    }

    /// Ends it by SIGTERM.
    func stop() async throws -> ToolProcess.Outcome {
        process.signal(SIGTERM)
        return try await process.outcome()
    }
}

enum AddressKind: String, CaseIterable, CustomTestStringConvertible {
    case tcp, unix
    var testDescription: String { rawValue }
}
