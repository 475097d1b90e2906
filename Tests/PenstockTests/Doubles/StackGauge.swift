import Penstock

/// A push producer that measures how far apart on the stack its signals come.
final class StackGauge: PushProducer {
    private(set) var pauses = 0
    private(set) var resumes = 0
    private(set) var stops = 0
    private(set) var measured = 0
    private var lowest = UInt.max
    private var highest = UInt.min

    var onPause: (() -> Void)?
    var onResume: (() -> Void)?
    var onStop: (() -> Void)?

    /// The bytes of stack between the outermost and the innermost signal.
    var spread: UInt { measured == 0 ? 0 : highest - lowest }

    func measure() {
        measured += 1
        var here = 0
        let address = withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
        lowest = min(lowest, address)
        highest = max(highest, address)
    }

    func pauseProducing() {
        pauses += 1
        measure()
        onPause?()
    }

    func resumeProducing() {
        resumes += 1
        measure()
        onResume?()
    }

    func stopProducing(_ reason: EndReason) {
        stops += 1
        measure()
        onStop?()
    }
}
