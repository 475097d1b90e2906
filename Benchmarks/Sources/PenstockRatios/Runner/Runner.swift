/// Runs the sides of a comparison in turns, so that what disturbs the machine disturbs all of them.
struct Runner {
    let scale: Scale

    /// Runs every side once in each round and returns what they reported.
    func run(_ comparison: Comparison) async throws -> Outcome {
        let sides = comparison.references + (comparison.candidate.map { [$0] } ?? [])
        var samples = sides.map { _ in [[String: Double]]() }
        for _ in 0..<scale.rounds {
            for (index, side) in sides.enumerated() {
                samples[index].append(try await side.measure(scale))
            }
        }
        return Outcome(
            comparison: comparison,
            series: zip(sides, samples).map { Series(label: $0.label, samples: $1) },
            hasCandidate: comparison.candidate != nil
        )
    }
}

/// What one side reported in all its runs.
struct Series {
    let label: String
    let samples: [[String: Double]]

    /// The values of a figure, one for each run that reported it.
    func values(_ key: String) -> [Double] {
        samples.compactMap { $0[key] }
    }
}

/// What all sides of a comparison reported; the first is the one that targets refer to.
struct Outcome {
    let comparison: Comparison
    let series: [Series]
    let hasCandidate: Bool

    /// Whether Penstock reaches the target of a figure; nil if the figure has none, or there is nothing to judge.
    func isReached(_ figure: Figure) -> Bool? {
        guard hasCandidate, let target = figure.target else { return nil }
        guard
            let reference = series.first.flatMap({ median($0.values(figure.key)) }),
            let candidate = series.last.flatMap({ median($0.values(figure.key)) })
        else { return false }
        return target.isReached(candidate: candidate, reference: reference)
    }

    /// Whether a figure missed its target.
    var hasMiss: Bool {
        comparison.figures.contains { isReached($0) == false }
    }
}
