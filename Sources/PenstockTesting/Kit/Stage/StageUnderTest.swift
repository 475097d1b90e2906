/// A stage that the kit is to try: something that is a consumer on one side and a source on the other.
///
/// ```swift
/// let subject = StageUnderTest<Int, String>("words") {
///     let clock = VirtualClock()
///     let stage = Words(scheduler: clock)
///     return StageFixture(stage, inputs: [1, 2, 3, 4], outputs: ["one", "two", "three", "four"], clock: TrialClock(clock))
/// }
/// let report = await StageSuite(subject).run()
/// ```
///
/// A good subject has ten inputs or more, and marks that a few of them fill.
public struct StageUnderTest<Input, Output> {
    /// The name in the report.
    public var name: String
    /// Makes a fresh stage to which nothing has been registered and which is attached to nothing.
    public var make: () async throws -> StageFixture<Input, Output>

    /// Creates a description.
    ///
    /// - Parameters:
    ///   - name: The name in the report.
    ///   - make: Makes a fresh stage to which nothing has been registered and which is attached to nothing.
    public init(_ name: String, make: @escaping () async throws -> StageFixture<Input, Output>) {
        self.name = name
        self.make = make
    }
}

@available(*, unavailable)
extension StageUnderTest: Sendable {}
