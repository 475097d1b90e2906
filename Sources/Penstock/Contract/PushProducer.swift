/// A producer that produces at its own pace until it is paused.
///
/// A push producer is *running* from the moment it is registered (C1.6). Both signals are idempotent for every
/// producer in the package: a producer does not count them (C4.5).
public protocol PushProducer: Producer {
    /// Asks the producer to write nothing more until `resumeProducing` is called.
    ///
    /// It is called inside the write that lifted the level above the high mark, once (C4.1). On one event loop not a
    /// single element may follow once it has returned (C4.7).
    func pauseProducing()

    /// Lets a paused producer go on.
    ///
    /// Called only to balance a pause, never inside a `write` or another signal of the same consumer, and never after
    /// the end (C4.2, C4.3). The producer may write, unregister, finish or register a successor inside (C4.4).
    func resumeProducing()
}
