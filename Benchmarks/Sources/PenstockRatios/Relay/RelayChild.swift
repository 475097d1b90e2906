import ArgumentParser
import CAllocationCount
import Glibc
import LoopbackLoad
import NIOCore

/// The mode in which the runner starts itself: a process that holds one relay and tells what it uses.
///
/// It prints its port, then answers each line it reads: `usage` with its processor time in seconds, its resident bytes
/// and the number of its descriptors; `trim` the same after giving free heap back. It ends with its standard input,
/// and so never outlives the runner.
struct RelayChild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay-child",
        abstract: "Hold a relay and answer questions about it (started by the runner).",
        shouldDisplay: false
    )

    @Option(help: "The relay to hold.")
    var engine: RelayEngine

    @Option(help: "The port on loopback to relay to.")
    var to: Int

    func run() async throws {
        DescriptorLimit.raise()
        let port = try await engine.start(to: SocketAddress(ipAddress: "127.0.0.1", port: to))
        print("\(port)", flushing: true)
        try await blocking {
            while let line = readLine() {
                if line == "trim" { allocation_count_trim() }
                print(try Usage.current().line, flushing: true)
            }
        }
    }
}

/// What a process uses.
struct Usage: Sendable {
    /// Processor time since the start, user and system, in seconds.
    var seconds: Double
    /// Resident memory in bytes.
    var residentBytes: Double
    /// Open descriptors.
    var descriptors: Int

    /// The form in which it crosses between processes.
    var line: String { "\(seconds) \(residentBytes) \(descriptors)" }

    init(seconds: Double, residentBytes: Double, descriptors: Int) {
        self.seconds = seconds
        self.residentBytes = residentBytes
        self.descriptors = descriptors
    }

    /// Reads the form in which it crosses.
    init?(line: String) {
        let words = line.split(separator: " ")
        guard
            words.count == 3, let seconds = Double(words[0]), let resident = Double(words[1]), let count = Int(words[2])
        else { return nil }
        self.init(seconds: seconds, residentBytes: resident, descriptors: count)
    }

    /// What this process uses now.
    static func current() throws -> Usage {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else {
            throw MeasurementError.system("getrusage")
        }
        return Usage(
            seconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            residentBytes: try residentBytes(),
            descriptors: try descriptorCount()
        )
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// The sum over all mappings, which is exact, unlike the counter that the kernel keeps for each thread.
    private static func residentBytes() throws -> Double {
        guard let file = fopen("/proc/self/smaps_rollup", "r") else { throw MeasurementError.system("smaps_rollup") }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, CInt(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            if words.count >= 2, words[0] == "Rss:", let kibibytes = Double(words[1]) { return kibibytes * 1024 }
        }
        throw MeasurementError("smaps_rollup has no Rss line")
    }

    private static func descriptorCount() throws -> Int {
        guard let directory = opendir("/proc/self/fd") else { throw MeasurementError.system("/proc/self/fd") }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }
}
