import Penstock
import PenstockNIO

/// Prints the life of one connection; the transport's `onClose` keeps it.
final class ConnectionLog {
    private let log: FlowLog

    init(_ transport: ChannelTransport, name: String) {
        log = FlowLog(name: name)
        log.log("connected")
        transport.gate.observer = log
    }

    func closed(_ report: TransportReport) {
        let sent = Figures.plain(report.bytesSent, "byte")
        log.log("closed: \(report.end.words); \(sent) sent, \(report.bytesReceived) received")
    }
}
