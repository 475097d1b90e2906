import Testing

/// The parent of every suite that opens sockets.
///
/// They run one at a time, so that counts of descriptors and of waiting bytes mean something, and none may hang for ever.
@Suite(.serialized, .timeLimit(.minutes(2)))
enum Sockets {}
