/// Something that produces elements for one consumer and can be told to stop.
///
/// A producer, its consumer and whatever drives them live in one isolation domain, normally one event loop. None of
/// them is `Sendable`, so the compiler refuses to let one of them leave (contract rule C9.1).
public protocol Producer: AnyObject {
    /// Ends production for good: the consumer has ended and takes nothing more.
    ///
    /// Called exactly once if the consumer ends while this producer is registered, and not at all if the producer
    /// unregistered first (C6.1). No other signal follows.
    ///
    /// - Parameter reason: Why the consumer ended.
    func stopProducing(_ reason: EndReason)
}
