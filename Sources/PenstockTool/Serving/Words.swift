import NIOCore
import Penstock
import PenstockNIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

// What the library reports, as the tool prints it.

extension EndReason {
    /// The description, with the system's own words for an error of the system.
    var words: String {
        guard let error = error as? IOError else { return description }
        var reason = self
        reason.error = nil
        return "\(reason) (\(String(cString: strerror(error.errnoCode))))"
    }
}

extension Delivery {
    /// What was accepted, and what was lost of it or refused, if anything was.
    var words: String {
        func text(_ what: String, _ amount: Amount) -> String {
            "\(what) \(Figures.plain(amount.elements, "element")) of weight \(amount.weight)"
        }
        var parts = [text("accepted", accepted)]
        if dropped.elements > 0 { parts.append(text("dropped", dropped)) }
        if refused.elements > 0 { parts.append(text("refused", refused)) }
        return parts.joined(separator: ", ")
    }
}

extension RelayReport {
    /// Both directions.
    var words: String { "\u{2192} \(frontToBack.words); \u{2190} \(backToFront.words)" }
}

extension RelayReport.Direction {
    fileprivate var words: String {
        guard !isComplete else { return Figures.plain(bytesOut, "byte") }
        return "\(bytesOut) of \(Figures.plain(bytesIn, "byte")), \(end.words)"
    }
}

extension SocketAddress {
    /// `127.0.0.1:1234`; nil for a UNIX socket, whose client has no name.
    var endpoint: String? {
        guard let ipAddress, let port else { return nil }
        return StreamAddress.tcp(host: ipAddress, port: port).description
    }
}
