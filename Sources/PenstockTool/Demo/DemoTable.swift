/// The live table: redrawn in place on a terminal, printed now and then elsewhere.
struct DemoTable {
    struct Row: Sendable {
        /// Who writes to whom, on behalf of which client.
        var hop: String
        var figures: DemoHop.Figures?
    }

    /// How often it is shown.
    let interval: Duration
    private let isTerminal: Bool
    private var height = 0

    init() {
        isTerminal = Console.Stream.out.isTerminal
        interval = isTerminal ? .milliseconds(250) : .seconds(4)
    }

    mutating func show(_ rows: [Row], after elapsed: Duration) {
        // What an 80-column terminal leaves for the state; whom it waits for comes first there.
        let width = isTerminal ? Console.Stream.out.width : 100
        let stateWidth = min(42, max(22, width - 58))
        var lines = ["after \(Figures.seconds(elapsed))"]
        lines.append(Self.line("stream", "state", stateWidth, ["level", "peak", "rate/s"], "pauses"))
        for row in rows {
            guard let figures = row.figures else { continue }
            lines.append(
                Self.line(
                    row.hop,
                    figures.state,
                    stateWidth,
                    [figures.level, figures.peak, figures.rate].map(Figures.bytes),
                    Figures.grouped(figures.pauses)
                )
            )
        }
        if isTerminal {
            let back = height > 0 ? "\u{1B}[\(height)A" : ""
            // To the start of the table, then each line over an erased one; one that wraps would make the table higher than
            // it is taken for.
            Console.shared.put(back + lines.map { "\u{1B}[2K\($0.prefix(width))\n" }.joined(), to: .out)
            height = lines.count
        } else {
            Console.shared.print("")
            for line in lines { Console.shared.print(line) }
        }
    }

    private static func line(_ hop: String, _ state: String, _ width: Int, _ sizes: [String], _ pauses: String)
        -> String
    {
        Figures.column(hop, 24) + Figures.column(String(state.prefix(width)), width)
            + sizes.map { Figures.column($0, 9, trailing: true) }.joined() + Figures.column(pauses, 7, trailing: true)
    }
}
