import Penstock

/// How a server treats its connections.
public struct StreamServerConfiguration: Sendable {
    /// How each connection behaves.
    public var transport: TransportConfiguration
    /// The most connections that are open at once; further ones wait in the kernel's queue.
    ///
    /// 10,000 by default, nil for no limit.
    public var connectionLimit: Int? = 10_000
    /// How many connections the kernel keeps waiting; 1,024 by default.
    public var backlog: Int = 1024

    /// Creates a configuration with defaults.
    public init(transport: TransportConfiguration = TransportConfiguration()) {
        self.transport = transport
    }
}
