/// Makes a failing script as short and as simple as it gets, while it breaks the same rule.
struct SimulationShrinking {
    private let subject: SimulationSubject.Maker?
    private let rule: String
    private(set) var best: SimulationFailure
    private var attempts = 20_000

    init(_ failure: SimulationFailure, subject: SimulationSubject.Maker?) {
        self.subject = subject
        rule = failure.rule
        best = failure
    }

    mutating func shrink() {
        if let step = best.step { _ = accepts { $0.steps.removeSubrange(step...) } }
        var size = Int.max
        while size != best.script.count, attempts > 0 {
            size = best.script.count
            removeSteps()
            simplifySteps()
            simplifyWorld()
        }
    }

    /// Whether the script still fails with this change; then it is kept.
    private mutating func accepts(_ change: (inout SimulationScript) -> Void) -> Bool {
        var script = best.script
        change(&script)
        guard script != best.script, attempts > 0 else { return false }
        attempts -= 1
        guard var failure = script.failure(subject: subject), failure.rule == rule else { return false }
        failure.seed = best.seed
        best = failure
        return true
    }

    private mutating func removeSteps() {
        var size = max(1, best.script.count / 2)
        while true {
            var start = 0
            while start < best.script.count {
                let end = min(start + size, best.script.count)
                if !accepts({ $0.steps.removeSubrange(start..<end) }) { start = end }
            }
            if size == 1 { return }
            size /= 2
        }
    }

    private mutating func simplifySteps() {
        for index in 0..<best.script.count {
            _ = accepts {
                $0.steps[index].signal = .none; $0.steps[index].place = 0
            }
            for path in [\SimulationStep.first, \.second, \.third] {
                let isNode = path == \SimulationStep.first && best.script.steps[index].verb != .advance
                while !isNode, best.script.steps[index][keyPath: path] > 0 {
                    if accepts({ $0.steps[index][keyPath: path] = 0 }) { break }
                    if accepts({ $0.steps[index][keyPath: path] /= 2 }) { continue }
                    if !accepts({ $0.steps[index][keyPath: path] -= 1 }) { break }
                }
            }
        }
    }

    private mutating func simplifyWorld() {
        while let last = best.script.world.nodes.indices.last, last > 0,
            accepts({ script in
                script.world.nodes.removeLast()
                script.steps.removeAll {
                    $0.place == last && $0.signal != .none || $0.verb.form.arguments.first == "node" && $0.first == last
                }
            })
        {}
        while !best.script.world.meters.isEmpty, accepts({ $0.world.meters.removeLast() }) {}
        _ = accepts { $0.world.share = 1 << 20 }
        for index in best.script.world.nodes.indices {
            _ = accepts { $0.world.nodes[index].limit = nil }
            while best.script.world.nodes[index].low > 0, accepts({ $0.world.nodes[index].low -= 1 }) {}
            while best.script.world.nodes[index].high > best.script.world.nodes[index].low,
                accepts({ $0.world.nodes[index].high -= 1 })
            {}
            if [.reader, .null, .collector].contains(best.script.world.nodes[index].kind) {
                _ = accepts { $0.world.nodes[index].kind = .buffer }
            }
        }
    }
}
