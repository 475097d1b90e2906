import Glibc

/// Sources that write as much as goes and sinks that take what comes, all served by one thread.
///
/// It is written on plain sockets and takes what arrives without copying it, so that on a machine of two cores the
/// program under measurement gets a core of its own.
package struct Load {
    /// Sockets that are written to whenever they take something.
    package var sources: [Descriptor] = []
    /// Sockets that are emptied whenever they hold something.
    package var sinks: [Descriptor] = []
    /// How much each source still has to write; nil if there is no end to it.
    package var bytesPerSource: Int?

    /// Creates a load without any socket.
    package init() {}

    /// Pumps for so many seconds, or until every sink has got `bytesPerSource`, and returns what the sinks got.
    ///
    /// With `untilStill`, it also ends as soon as nothing has moved for that many seconds.
    @discardableResult
    package func pump(seconds: Double, untilStill: Double? = nil) throws -> Int {
        let chunk = [UInt8](repeating: 0x70, count: 256 * 1024)
        var left = sources.map { _ in bytesPerSource ?? Int.max }
        var entries =
            sources.map { pollfd(fd: $0.number, events: Int16(POLLOUT), revents: 0) }
            + sinks.map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
        let goal = bytesPerSource.map { $0 * sinks.count }
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var lastMove = clock.now
        var received = 0
        while received < goal ?? Int.max {
            let now = clock.now
            if now >= end { break }
            if let untilStill, now - lastMove > .seconds(untilStill) { break }
            guard poll(&entries, nfds_t(entries.count), 50) > 0 else { continue }
            var moved = 0
            for index in entries.indices where entries[index].revents != 0 {
                if index < sources.count {
                    let sent = try send(chunk, atMost: left[index], to: entries[index].fd)
                    left[index] -= sent
                    if left[index] == 0 { entries[index].events = 0 }
                    moved += sent
                } else {
                    let taken = try discard(from: entries[index].fd)
                    received += taken
                    moved += taken
                }
            }
            if moved > 0 { lastMove = clock.now }
        }
        return received
    }

    private func send(_ chunk: [UInt8], atMost limit: Int, to descriptor: CInt) throws -> Int {
        let sent = Glibc.send(descriptor, chunk, min(chunk.count, limit), CInt(MSG_NOSIGNAL))
        if sent < 0, errno != EAGAIN { throw MeasurementError.system("send") }
        return max(sent, 0)
    }

    /// Takes what a socket holds; with `MSG_TRUNC`, TCP on Linux throws it away instead of copying it out.
    private func discard(from descriptor: CInt) throws -> Int {
        let taken = recv(descriptor, nil, 1 << 20, CInt(MSG_TRUNC))
        if taken < 0, errno != EAGAIN { throw MeasurementError.system("recv") }
        if taken == 0 { throw MeasurementError("a connection ended in the middle of a run") }
        return max(taken, 0)
    }
}
