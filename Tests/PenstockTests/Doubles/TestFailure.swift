/// An error to be recognised at the other end of a stream.
struct TestFailure: Error, Hashable {
    var number = 1
}
