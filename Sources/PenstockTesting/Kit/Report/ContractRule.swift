/// A rule of the contract, by its number and its title.
///
/// The rules are those of the article "The contract" in the documentation of `Penstock`.
public struct ContractRule: Hashable, Sendable, CustomStringConvertible {
    /// Such as `C4.2`.
    public let number: String
    /// Such as `Resume, at the low mark`.
    public let title: String

    /// The number and the title.
    public var description: String { "\(number) \(title)" }

    private init(_ number: String, _ title: String) {
        self.number = number
        self.title = title
    }

    /// The rule of this number, such as `C4.2`; nil if there is none.
    public init?(number: String) {
        guard let rule = Self.all.first(where: { $0.number == number }) else { return nil }
        self = rule
    }
}

extension ContractRule {
    /// One producer.
    public static let c1_1 = ContractRule("C1.1", "One producer")
    /// The type says push or pull.
    public static let c1_2 = ContractRule("C1.2", "The type says push or pull")
    /// After the end.
    public static let c1_3 = ContractRule("C1.3", "After the end")
    /// Before the connection stands.
    public static let c1_4 = ContractRule("C1.4", "Before the connection stands")
    /// While the stream is ending.
    public static let c1_5 = ContractRule("C1.5", "While the stream is ending")
    /// A push producer starts running.
    public static let c1_6 = ContractRule("C1.6", "A push producer starts running")
    /// When a pull producer is first asked.
    public static let c1_7 = ContractRule("C1.7", "When a pull producer is first asked")
    /// Upgrade in place.
    public static let c1_8 = ContractRule("C1.8", "Upgrade in place")
    /// Who keeps whom.
    public static let c1_9 = ContractRule("C1.9", "Who keeps whom")
    /// Silent.
    public static let c2_1 = ContractRule("C2.1", "Silent")
    /// Legal everywhere.
    public static let c2_2 = ContractRule("C2.2", "Legal everywhere")
    /// A clean slate.
    public static let c2_3 = ContractRule("C2.3", "A clean slate")
    /// The end proceeds.
    public static let c2_4 = ContractRule("C2.4", "The end proceeds")
    /// What was written goes out.
    public static let c2_5 = ContractRule("C2.5", "What was written goes out")
    /// Always taken.
    public static let c3_1 = ContractRule("C3.1", "Always taken")
    /// Too late.
    public static let c3_2 = ContractRule("C3.2", "Too late")
    /// Everybody's writes count.
    public static let c3_3 = ContractRule("C3.3", "Everybody's writes count")
    /// Nothing to queue.
    public static let c3_4 = ContractRule("C3.4", "Nothing to queue")
    /// A sequence is one decision.
    public static let c3_5 = ContractRule("C3.5", "A sequence is one decision")
    /// One large element.
    public static let c3_6 = ContractRule("C3.6", "One large element")
    /// Order.
    public static let c3_7 = ContractRule("C3.7", "Order")
    /// Pause, inside the write.
    public static let c4_1 = ContractRule("C4.1", "Pause, inside the write")
    /// Resume, at the low mark.
    public static let c4_2 = ContractRule("C4.2", "Resume, at the low mark")
    /// Every resume has its pause.
    public static let c4_3 = ContractRule("C4.3", "Every resume has its pause")
    /// Anything goes inside a signal.
    public static let c4_4 = ContractRule("C4.4", "Anything goes inside a signal")
    /// Signals are not counted.
    public static let c4_5 = ContractRule("C4.5", "Signals are not counted")
    /// The level is exact.
    public static let c4_6 = ContractRule("C4.6", "The level is exact")
    /// Skid.
    public static let c4_7 = ContractRule("C4.7", "Skid")
    /// No lost wake-up.
    public static let c4_8 = ContractRule("C4.8", "No lost wake-up")
    /// Waiting has a name.
    public static let c4_9 = ContractRule("C4.9", "Waiting has a name")
    /// One question, one element.
    public static let c5_1 = ContractRule("C5.1", "One question, one element")
    /// When it is asked.
    public static let c5_2 = ContractRule("C5.2", "When it is asked")
    /// Answering later.
    public static let c5_3 = ContractRule("C5.3", "Answering later")
    /// An empty answer.
    public static let c5_4 = ContractRule("C5.4", "An empty answer")
    /// The loop belongs to all.
    public static let c5_5 = ContractRule("C5.5", "The loop belongs to all")
    /// Pull as push.
    public static let c5_6 = ContractRule("C5.6", "Pull as push")
    /// Stopped once.
    public static let c6_1 = ContractRule("C6.1", "Stopped once")
    /// The order of a loss.
    public static let c6_2 = ContractRule("C6.2", "The order of a loss")
    /// Graceful: finish.
    public static let c6_3 = ContractRule("C6.3", "Graceful: finish")
    /// Half-close.
    public static let c6_4 = ContractRule("C6.4", "Half-close")
    /// Now: abort.
    public static let c6_5 = ContractRule("C6.5", "Now: abort")
    /// The end travels.
    public static let c6_6 = ContractRule("C6.6", "The end travels")
    /// The first error wins.
    public static let c6_7 = ContractRule("C6.7", "The first error wins")
    /// A flow has a result.
    public static let c6_8 = ContractRule("C6.8", "A flow has a result")
    /// The end is told once.
    public static let c6_9 = ContractRule("C6.9", "The end is told once")
    /// A pause is a pause.
    public static let c7_1 = ContractRule("C7.1", "A pause is a pause")
    /// News of the end while paused.
    public static let c7_2 = ContractRule("C7.2", "News of the end while paused")
    /// End of input.
    public static let c7_3 = ContractRule("C7.3", "End of input")
    /// Early and late signals.
    public static let c7_4 = ContractRule("C7.4", "Early and late signals")
    /// Nobody there yet.
    public static let c7_5 = ContractRule("C7.5", "Nobody there yet")
    /// Input past a pause.
    public static let c7_6 = ContractRule("C7.6", "Input past a pause")
    /// Stopping a transport.
    public static let c7_7 = ContractRule("C7.7", "Stopping a transport")
    /// Two sides.
    public static let c8_1 = ContractRule("C8.1", "Two sides")
    /// Nothing or plenty for one input.
    public static let c8_2 = ContractRule("C8.2", "Nothing or plenty for one input")
    /// Its end and its failure.
    public static let c8_3 = ContractRule("C8.3", "Its end and its failure")
    /// One to many, many to one.
    public static let c8_4 = ContractRule("C8.4", "One to many, many to one")
    /// Nothing gets lost in silence.
    public static let c8_5 = ContractRule("C8.5", "Nothing gets lost in silence")
    /// One domain.
    public static let c9_1 = ContractRule("C9.1", "One domain")
    /// Where the compiler is blind.
    public static let c9_2 = ContractRule("C9.2", "Where the compiler is blind")
    /// Crossing.
    public static let c9_3 = ContractRule("C9.3", "Crossing")
    /// Cancellation.
    public static let c9_4 = ContractRule("C9.4", "Cancellation")
    /// Steady state.
    public static let c10_1 = ContractRule("C10.1", "Steady state")
    /// Peak.
    public static let c10_2 = ContractRule("C10.2", "Peak")
    /// No unbounded buffer.
    public static let c10_3 = ContractRule("C10.3", "No unbounded buffer")

    /// All rules in the order of the contract.
    public static let all: [ContractRule] = [
        .c1_1, .c1_2, .c1_3, .c1_4, .c1_5, .c1_6, .c1_7, .c1_8, .c1_9, .c2_1, .c2_2, .c2_3, .c2_4, .c2_5,
        .c3_1, .c3_2, .c3_3, .c3_4, .c3_5, .c3_6, .c3_7, .c4_1, .c4_2, .c4_3, .c4_4, .c4_5, .c4_6, .c4_7,
        .c4_8, .c4_9, .c5_1, .c5_2, .c5_3, .c5_4, .c5_5, .c5_6, .c6_1, .c6_2, .c6_3, .c6_4, .c6_5, .c6_6,
        .c6_7, .c6_8, .c6_9, .c7_1, .c7_2, .c7_3, .c7_4, .c7_5, .c7_6, .c7_7, .c8_1, .c8_2, .c8_3, .c8_4,
        .c8_5, .c9_1, .c9_2, .c9_3, .c9_4, .c10_1, .c10_2, .c10_3,
    ]
}
