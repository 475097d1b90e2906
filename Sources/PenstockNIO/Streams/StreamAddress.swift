import NIOCore

/// Where a stream server listens or a client connects: TCP or a UNIX socket.
///
/// One notation for programs and people: `HOST:PORT`, `[IPv6]:PORT`, `:PORT` for loopback, `unix:PATH`. The forms `tls:…`,
/// `exec:…` and `-` are reserved for later versions and are refused.
public struct StreamAddress: Hashable, Sendable, CustomStringConvertible {
    /// The two families.
    public enum Kind: Hashable, Sendable {
        /// TCP by name or number.
        case tcp(host: String, port: Int)
        /// A stream socket in the file system.
        case unix(path: String)
    }

    /// The family and the place.
    public let kind: Kind

    private init(kind: Kind) {
        self.kind = kind
    }

    /// A TCP address; the host may be a name, an IPv4 or an IPv6 address without brackets, the port 0 for any that is free.
    public static func tcp(host: String, port: Int) -> StreamAddress {
        StreamAddress(kind: .tcp(host: host, port: port))
    }

    /// A UNIX socket.
    public static func unix(path: String) -> StreamAddress {
        StreamAddress(kind: .unix(path: path))
    }

    /// Reads the notation.
    ///
    /// - Throws: ``StreamAddressError`` that names what was wrong.
    public init(_ text: String) throws(StreamAddressError) {
        func bad(_ problem: String) -> StreamAddressError { StreamAddressError(text: text, problem: problem) }
        if text == "-" || text.hasPrefix("tls:") || text.hasPrefix("exec:") {
            throw bad("this form is reserved and not supported yet")
        }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty else { throw bad("the path is missing") }
            guard path.utf8.count <= Self.longestPath else {
                throw bad(
                    "the path of a UNIX socket has at most \(Self.longestPath) bytes, this one has \(path.utf8.count)"
                )
            }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":") else { throw bad("the port is missing") }
        let digits = text[text.index(after: colon)...]
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits), port <= 65535 else {
            throw bad("the port must be a number from 0 to 65535, not '\(digits)'")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard (try? SocketAddress(ipAddress: host, port: port))?.protocol == .inet6 else {
                throw bad("'\(host)' is not an IPv6 address")
            }
        } else if host.contains(":") {
            throw bad("an IPv6 address goes in brackets, as in [::1]:1234")
        }
        self = .tcp(host: host.isEmpty ? "127.0.0.1" : host, port: port)
    }

    /// What the kernel's address structure has room for, less the final zero.
    private static let longestPath = 107

    /// The address that a channel reports.
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4, .v6:
            guard let host = address?.ipAddress, let port = address?.port else { return nil }
            self = .tcp(host: host, port: port)
        case .unixDomainSocket:
            guard let path = address?.pathname else { return nil }
            self = .unix(path: path)
        case nil:
            return nil
        }
    }

    /// The number form, if the host is an IP address; saves the trip through the resolver.
    var socketAddress: SocketAddress? {
        switch kind {
        case .tcp(let host, let port): try? SocketAddress(ipAddress: host, port: port)
        case .unix(let path): try? SocketAddress(unixDomainSocketPath: path)
        }
    }

    /// The port of a TCP address.
    public var port: Int? {
        if case .tcp(_, let port) = kind { port } else { nil }
    }

    var host: String? {
        if case .tcp(let host, _) = kind { host } else { nil }
    }

    /// The notation that ``init(_:)-(String)`` reads.
    public var description: String {
        switch kind {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

extension StreamAddress: ExpressibleByStringLiteral {
    /// Reads the notation from a literal.
    ///
    /// - Precondition: The literal is well formed; read text from users with ``init(_:)-(String)``.
    public init(stringLiteral value: String) {
        do throws(StreamAddressError) { self = try StreamAddress(value) } catch {
            preconditionFailure(error.description)
        }
    }
}
