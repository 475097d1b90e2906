/// A producer that produces one element each time it is asked.
public protocol PullProducer: Producer {
    /// Asks for one element, to be written now or later.
    ///
    /// The next question comes only after the answer to this one (C5.1). A producer that has nothing yet simply
    /// returns: its next write is the answer (C5.3). One that has nothing any more unregisters.
    func resumeProducing()
}
