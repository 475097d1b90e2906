import Penstock
import PenstockNIO

/// One connection of the relay command: connects the back, joins the two, and tells what happens.
///
/// It makes the connection itself, instead of leaving it to `Relay`, to be able to log both directions.
final class RelayedConnection {
    private let front: ChannelTransport
    private let name: String
    private let address: StreamAddress
    private let tally: Tally
    private let verbose: Bool
    /// What logs the two directions; the gates do not keep it.
    private let forth: FlowLog
    private let reverse: FlowLog
    /// How the front ended before there was a back.
    private var lost: EndReason?

    init(_ front: ChannelTransport, name: String, to address: StreamAddress, tally: Tally, verbose: Bool) {
        self.front = front
        self.name = name
        self.address = address
        self.tally = tally
        self.verbose = verbose
        forth = FlowLog(name: "\(name) \u{2192}")
        reverse = FlowLog(name: "\(name) \u{2190}")
    }

    func start(_ configuration: TransportConfiguration) {
        log("connected")
        // Until it is joined.
        front.onShutdown = {}
        front.onClose = { [self] in lost = $0.end }
        StreamClient.connect(to: address, on: front.scheduler.eventLoop, configuration: configuration) { [self] in
            switch $0 {
            case .success(let back): join(back)
            case .failure(let error): giveUp(error)
            }
        }
    }

    private func join(_ back: ChannelTransport) {
        if let lost {
            back.abort(.aborted)
            log("closed before there was a connection to \(address): \(lost.words)")
            return tally.add(in: 0, out: 0, isComplete: false)
        }
        log("connected to \(address)")
        if verbose {
            back.gate.observer = forth
            front.gate.observer = reverse
        }
        Relay.join(front, back) { [self] report in
            tally.add(in: report.frontToBack.bytesIn, out: report.backToFront.bytesOut, isComplete: report.isComplete)
            log("closed: \(report.words)")
        }
    }

    private func giveUp(_ error: StreamError) {
        Console.shared.print("penstock: \(name): \(error)", to: .err)
        front.onClose = nil
        front.abort(.failed(error))
        tally.add(in: 0, out: 0, isComplete: false)
    }

    private func log(_ text: String) {
        if verbose { Console.shared.print("\(name): \(text)", to: .err) }
    }
}

@available(*, unavailable)
extension RelayedConnection: Sendable {}
