public import Penstock

/// What a stage with several producers states about them (C8.4).
public struct StageInlets<Input, Output> {
    /// The consuming side of the second producer; that of the first is ``StageFixture/consumer``.
    public var second: any Consumer<Input>
    /// What the kit writes to the second, in this order; to the first it writes ``StageFixture/inputs``.
    public var inputs: [Input]
    /// Whether an output came of an input of the second producer.
    public var isOfSecond: (Output) -> Bool
    /// The most outputs of one producer that come in a row while the other has something waiting.
    public var mostInARow: Int

    /// States how the stage is fair to two producers.
    ///
    /// - Parameters:
    ///   - second: The consuming side of the second producer.
    ///   - inputs: What the kit writes to it, in this order, one output each.
    ///   - mostInARow: The most outputs of one producer that come in a row while the other has something waiting.
    ///   - isOfSecond: Whether an output came of an input of the second producer.
    public init(
        second: any Consumer<Input>,
        inputs: [Input],
        mostInARow: Int,
        isOfSecond: @escaping (Output) -> Bool
    ) {
        self.second = second
        self.inputs = inputs
        self.mostInARow = mostInARow
        self.isOfSecond = isOfSecond
    }
}

@available(*, unavailable)
extension StageInlets: Sendable {}
