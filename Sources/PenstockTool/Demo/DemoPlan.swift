/// What the demo does: the servers, and the clients with their ways.
struct DemoPlan: Sendable {
    enum Server: String, Sendable {
        /// The push producer.
        case numbers
        /// The pull producer.
        case file
    }

    enum Manner: Sendable {
        /// Takes what comes, as fast as it comes.
        case fast
        /// Takes so many bytes a second.
        case slow(rate: Int)
        /// Stops reading after so many bytes, for a while.
        case stopping(after: Int, pause: Duration)
        /// Resets the connection after so many bytes, taken at a rate.
        case resetting(after: Int, rate: Int)
    }

    struct Client: Sendable {
        var name: String
        var server: Server
        var manner: Manner
        /// How many integers it asks the numbers server for.
        var count = 0

        /// Whether the stream is to come to its orderly end.
        var isToComplete: Bool { if case .resetting = manner { false } else { true } }
    }

    var fileSize: Int
    var clients: [Client]

    /// About 20 seconds, set by the slow client and the one that stops, whatever the machine can do; the others fit in
    /// easily.
    ///
    /// What is sent is well above the 10 MiB or so that the kernel buffers of two connections can swallow, so that the pauses
    /// reach the servers.
    static let standard = DemoPlan(
        fileSize: 48 << 20,
        clients: [
            Client(name: "fast", server: .numbers, manner: .fast, count: 10_000_000),
            Client(name: "slow", server: .file, manner: .slow(rate: 2700 << 10)),
            Client(name: "stopping", server: .file, manner: .stopping(after: 6 << 20, pause: .seconds(8))),
            Client(
                name: "resetting",
                server: .numbers,
                manner: .resetting(after: 24 << 20, rate: 2 << 20),
                count: 9_000_000
            ),
        ]
    )
}
