public import Penstock

/// What a check of ``TransportSuite`` wants the transport that it is given to be like.
///
/// A subject that cannot be made so throws ``NotApplicable`` with the reason.
public struct TransportSetup: Sendable {
    /// When the producer of what goes out is paused and resumed.
    public var marks: Watermarks
    /// The hard limit of the outbound level (C10.3); nil for none.
    public var limit: Int?
    /// Whether the connection stands from the beginning; if not, the check calls ``TransportPeer/connect``.
    public var isConnected = true
    /// Whether the end of the input leaves the write side open (C7.3).
    public var allowsHalfClosure = true
    /// How long a finished or failed connection waits for the peer (C6.3).
    public var linger: Duration
    /// The most bytes that may come in past a pause (C7.6).
    public var receiveWindow: Int

    init(traits: TransportTraits) {
        let weight = traits.unit + traits.overhead
        marks = Watermarks(low: 4 * weight, high: 10 * weight)
        limit = nil
        linger = traits.patience * 500
        receiveWindow = traits.receiveWindow
    }
}

/// What is particular about a kind of transport, as far as the checks must know it.
public struct TransportTraits: Sendable {
    /// The bytes of the elements that the checks write and the peer sends.
    public var unit: Int
    /// What an element weighs beside its bytes, until the last of them has been taken.
    public var overhead: Int
    /// The most bytes by which the level falls at once: 1 if it is exact to the byte; a slice on channels made by others (C4.6).
    public var slice: Int
    /// Whether the peer can tell a reset from an orderly end; a UNIX socket cannot.
    public var tellsReset: Bool
    /// Whether what the peer has sent has arrived although the transport is paused: it survives that the peer is lost.
    ///
    /// False for a lane in memory, where it is still the peer's.
    public var holdsInput: Bool
    /// Whether the end waits for the peer, for the linger at most; false for a lane in memory, whose halves end together.
    public var lingers: Bool
    /// The window that the checks ask for, of bytes that come in past a pause.
    public var receiveWindow: Int
    /// A while: long on this clock for something that does not wait, short for a test.
    public var patience: Duration

    /// Creates traits; by default those of a transport in memory under virtual time.
    public init(
        unit: Int = 10,
        overhead: Int = 0,
        slice: Int = 1,
        tellsReset: Bool = true,
        holdsInput: Bool = true,
        lingers: Bool = true,
        receiveWindow: Int = 100,
        patience: Duration = .seconds(1)
    ) {
        precondition(
            unit >= 2 && overhead >= 0 && slice >= 1 && receiveWindow >= unit,
            "a window has room for a unit of at least 2 bytes"
        )
        self.unit = unit
        self.overhead = overhead
        self.slice = slice
        self.tellsReset = tellsReset
        self.holdsInput = holdsInput
        self.lingers = lingers
        self.receiveWindow = receiveWindow
        self.patience = patience
    }
}
