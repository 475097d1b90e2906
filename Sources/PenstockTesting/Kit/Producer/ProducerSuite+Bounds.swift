import Penstock

/// C10: what a flow may hold.
extension ProducerSuite {
    var peak: [Check] {
        [
            Check("the level of a buffer that is read at random", times: options.randomOrders) { trial in
                let marks = Watermarks(low: trial.dice.below(4), high: 4 + trial.dice.below(4))
                let (buffer, recording) = try trial.makeBuffer(marks: marks)
                try trial.start(into: recording)
                try await trial.settle()
                _ = try await trial.read(buffer)
                let fixture = try trial.alive()
                let heaviest = fixture.expected.map(fixture.weight).max() ?? 1
                let mark = trial.subject.kind == .push ? marks.high : marks.low
                let bound = mark + heaviest * (1 + trial.subject.skid)
                let peak = buffer.snapshot.peak
                try trial.expect(peak <= bound, "the peak was \(peak), above \(bound), with marks \(marks)")
            }
        ]
    }

    var bounds: [Check] {
        [
            Check("its consumer never takes anything") { trial in
                guard let held = try trial.alive().held else { throw NotApplicable("what it holds back is not told") }
                let bound = try trial.alive().heldAtMost
                try trial.start()
                for _ in 0..<20 { try await trial.pass(.milliseconds(100)) }
                try trial.expect(held() <= bound, "it holds \(held()) back, more than \(bound)")
            },
            Check("its consumer takes nothing any more") { trial in
                guard let held = try trial.alive().held else { throw NotApplicable("what it holds back is not told") }
                let bound = try trial.alive().heldAtMost
                try trial.start()
                trial.probe.want(2)
                for _ in 0..<20 { try await trial.pass(.milliseconds(100)) }
                try trial.expect(held() <= bound, "it holds \(held()) back, more than \(bound)")
            },
        ]
    }
}
