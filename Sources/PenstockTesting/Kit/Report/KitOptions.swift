/// How thorough the suites are, and which rules they leave out.
public struct KitOptions: Sendable {
    /// Where the random orders of calls begin; a breach prints the seed that repeats it.
    public var seed: UInt64
    /// How many random orders of calls are tried for a rule that must hold in every order.
    public var randomOrders: Int
    /// How often a producer writes inside its own signal where the stack must not grow (C4.4).
    public var recursions: Int
    /// Rules that this subject is excused from, each with the reason, which the report shows.
    public var excused: [ContractRule: String]
    /// Rules that must be tried: one that does not concern the subject counts as broken, with the reason.
    ///
    /// All other rules of a suite are optional in this sense. It shows that a suite goes on trying what it is there for.
    public var required: Set<ContractRule>

    /// Creates options.
    public init(
        seed: UInt64 = 1,
        randomOrders: Int = 50,
        recursions: Int = 10_000,
        excused: [ContractRule: String] = [:],
        required: Set<ContractRule> = []
    ) {
        self.seed = seed
        self.randomOrders = randomOrders
        self.recursions = recursions
        self.excused = excused
        self.required = required
    }
}
