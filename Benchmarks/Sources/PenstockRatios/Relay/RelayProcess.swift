import Glibc
import LoopbackLoad

/// A relay in a process of its own, so that what it uses can be told from what the load uses.
///
/// Letting go of it closes its standard input, which ends it; then it is waited for.
final class RelayProcess: Sendable {
    /// The port that the relay listens on.
    let port: UInt16

    private let process: pid_t
    private let control: Descriptor

    /// Starts this program again in its relay mode, relaying to a port on loopback.
    init(_ engine: RelayEngine, to target: UInt16) throws {
        let arguments = ["PenstockRatios", "relay-child", "--engine", engine.rawValue, "--to", "\(target)"]
        (process, control) = try Self.spawn(arguments)
        do {
            let line = try Self.readLine(from: control)
            guard let port = UInt16(line) else { throw MeasurementError("the relay's port reads \(line)") }
            self.port = port
        } catch {
            _ = kill(process, SIGKILL)
            _ = waitpid(process, nil, 0)
            throw error
        }
    }

    deinit {
        // The relay ends when its standard input does; it may be busy, and then it is ended by hand.
        _ = shutdown(control.number, CInt(SHUT_RDWR))
        for _ in 0..<200 {
            if waitpid(process, nil, WNOHANG) != 0 { return }
            usleep(10_000)
        }
        _ = kill(process, SIGKILL)
        _ = waitpid(process, nil, 0)
    }

    /// What the relay's process uses now, if wanted after giving back what its heap holds but does not use.
    func usage(afterTrim: Bool = false) throws -> Usage {
        let question = Array((afterTrim ? "trim\n" : "usage\n").utf8)
        guard send(control.number, question, question.count, CInt(MSG_NOSIGNAL)) == question.count else {
            throw MeasurementError.system("asking the relay")
        }
        let line = try Self.readLine(from: control)
        guard let usage = Usage(line: line) else { throw MeasurementError("the relay's usage reads \(line)") }
        return usage
    }

    /// Waits until the number of the relay's open descriptors has been the same for a while, and returns it.
    ///
    /// The while is longer than the five seconds for which a relay may linger on a connection that has ended.
    func settledDescriptors(within seconds: Double = 30) throws -> Int {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var count = try usage().descriptors
        var since = clock.now
        while clock.now - since < .seconds(count > Self.idleDescriptors ? 6 : 0.5), clock.now < end {
            usleep(50_000)
            let next = try usage().descriptors
            if next != count { (count, since) = (next, clock.now) }
        }
        return count
    }

    /// More descriptors than a relay without connections has.
    private static let idleDescriptors = 30

    /// Starts this program again with other arguments; a socket pair is its standard input and output.
    private static func spawn(_ arguments: [String]) throws -> (pid_t, Descriptor) {
        var pair: [CInt] = [0, 0]
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw MeasurementError.system("socketpair") }
        let ours = Descriptor(pair[0])
        let theirs = Descriptor(pair[1])
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, theirs.number, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, theirs.number, STDOUT_FILENO)
        var strings = arguments.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var process = pid_t()
        let result = posix_spawn(&process, "/proc/self/exe", &actions, nil, &strings, environ)
        guard result == 0 else { throw MeasurementError("posix_spawn: \(String(cString: strerror(result)))") }
        return (process, ours)
    }

    /// Reads a line, a byte at a time, as nothing more is sent before the next question.
    private static func readLine(from descriptor: Descriptor) throws -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while Loopback.wait(for: descriptor, CInt(POLLIN), seconds: 20) {
            guard recv(descriptor.number, &byte, 1, 0) == 1 else {
                throw MeasurementError("the relay's process ended")
            }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        throw MeasurementError("the relay's process did not answer")
    }
}
