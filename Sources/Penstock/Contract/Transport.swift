/// A stream both ways: a consumer of what goes out and a push producer of what comes in.
public protocol Transport<Element>: Consumer, Source, PushProducer where Output == Element {
    /// Ends the stream both ways, gracefully (C6.3).
    ///
    /// Waits for the registered producer to unregister and for every accepted element to go out, then ends the write side
    /// and discards what still comes in until the peer ends its side too, or the linger is over.
    ///
    /// - Parameter deadline: After this long the graceful end becomes an abort; nil for none.
    func finish(within deadline: Duration?)

    /// Ends the write side as `finish` does, and leaves the read side alive and delivering: half-close (C6.4).
    func finishWriting()
}
