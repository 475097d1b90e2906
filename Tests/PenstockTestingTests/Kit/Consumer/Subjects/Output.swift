/// What came out behind a consumer under test.
final class Output<Element> {
    var elements: [Element] = []
}
