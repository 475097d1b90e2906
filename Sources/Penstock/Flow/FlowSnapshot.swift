/// How a consumer stands at one moment: to print, to plot, to find out who waits for whom.
public struct FlowSnapshot: Sendable {
    /// A reason for which a producer waits, with its age.
    public struct Wait: Sendable, CustomStringConvertible {
        /// What is waited for.
        public var reason: String
        /// Since how long.
        public var age: Duration

        /// Creates a wait.
        public init(reason: String, age: Duration) {
            self.reason = reason
            self.age = age
        }

        /// The reason and its age.
        public var description: String { "\(reason), for \(age)" }
    }

    /// The name of the consumer.
    public var name: String
    /// The kind of its producer.
    public var kind: FlowControl.Kind = .none
    /// How many producers have been registered so far, the one that is registered included.
    public var registrations = 0
    /// Where the stream stands.
    public var phase: FlowControl.Phase = .open
    /// The weight held.
    public var level = 0
    /// The highest level so far.
    public var peak = 0
    /// The marks in force; nil for a consumer that never holds anything.
    public var marks: Watermarks?
    /// Whether the push producer is paused.
    public var isPaused = false
    /// Whether the pull producer owes an answer.
    public var isAsked = false
    /// How often a push producer was paused.
    public var pauses = 0
    /// How long push producers were paused, all pauses together.
    public var timePaused: Duration = .zero
    /// What was accepted, dropped and refused.
    public var delivery = Delivery()
    /// The reasons for which the producer waits (C4.9), here and further down.
    public var waits: [Wait] = []

    /// Creates a snapshot with nothing in it but a name.
    public init(name: String) {
        self.name = name
    }
}
